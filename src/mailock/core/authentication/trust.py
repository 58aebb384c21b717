"""What those that we trust say of a message that was changed on its way (RFC 8617 sections 7.2 and 9.2).

A forwarder breaks signatures by what it adds, and seals what it found before. Its word counts where the whole chain
passes and the administrator trusts it. The newest seal has to be of one that is trusted, and from it downwards the last
that is trusted without a gap is believed: whoever stood below it might have written anything.
"""

from collections.abc import Set

from mailock.core.authentication import results
from mailock.core.authentication.arc_check import Arc, ArcResult
from mailock.core.authentication.author import Author


def vouched_by(arc: Arc, author: Author, trusted: Set[str]) -> str:
    """The trusted sealer that says that DMARC passed for this author; empty where none does.

    `trusted` are domains in lower case, as A-labels.
    """
    if arc.result is not ArcResult.PASS or author.odd or author.named or not author.address:
        return ""
    believed = ""
    told = ""
    for sealer, text in zip(arc.sealers, arc.untrusted_results, strict=True):
        if sealer not in trusted:
            break
        believed, told = sealer, text
    passed = any(_passes(method, author.domain) for method in results.split_methods(told)[2:])
    return believed if passed else ""


def _passes(method: str, domain: str) -> bool:
    """Whether a method of somebody's results says that DMARC passed for a domain."""
    words = [word.lower() for word in results.without_comments(method).split()]
    authors = [word for word in words if word.startswith("header.from=")]
    return words[:1] == ["dmarc=pass"] and '"' not in method and authors == [f"header.from={domain}"]
