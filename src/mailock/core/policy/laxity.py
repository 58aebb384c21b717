"""Whether one profile lets more through than another: then a rule that selects it must know whom it believes."""

from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.profile import AntiSpam, FailMode, MaliciousMail, Profile, Protected
from mailock.core.policy.proposal import rank

_FAIL_MODES = tuple(FailMode)
_PROTECTED = tuple(Protected)


def is_laxer(one: Profile, than: Profile) -> bool:
    """Whether there is mail that one profile treats more mildly than the other."""
    fails_open = any(_FAIL_MODES.index(one.fail[key]) < _FAIL_MODES.index(than.fail[key]) for key in than.fail)
    opens = any(_PROTECTED.index(one.protected[key]) < _PROTECTED.index(than.protected[key]) for key in than.protected)
    return (
        fails_open
        or opens
        or rank(one.suspicious) < rank(than.suspicious)
        or one.suspicious_from > than.suspicious_from
        or rank(one.ambiguous) < rank(than.ambiguous)
        or not one.excluded_types <= than.excluded_types
        or _is_laxer_on_malicious(one.malicious, than.malicious)
        or _is_laxer_on_spam(one.anti_spam, than.anti_spam)
    )


def _is_laxer_on_malicious(one: MaliciousMail, than: MaliciousMail) -> bool:
    if rank(one.disposition) < rank(than.disposition):
        return True
    return one.disposition is Disposition.DELIVER and than.changes.remove and not one.changes.remove


def _is_laxer_on_spam(one: AntiSpam, than: AntiSpam) -> bool:
    if not than.enabled or than.detect_only:
        return False
    if not one.enabled or one.detect_only:
        return True
    return (
        one.thresholds.suspected > than.thresholds.suspected
        or one.thresholds.spam > than.thresholds.spam
        or rank(one.suspected.disposition) < rank(than.suspected.disposition)
        or rank(one.spam.disposition) < rank(than.spam.disposition)
        or rank(one.phishing.disposition) < rank(than.phishing.disposition)
        or rank(one.bulk.disposition) < rank(than.bulk.disposition)
    )
