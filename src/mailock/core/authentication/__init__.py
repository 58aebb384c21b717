"""Who sent it: SPF, DKIM, ARC, DMARC and the author that people are shown. Pure; the world answers questions."""
