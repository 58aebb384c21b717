"""What signs mail of ours, put together: keys of the data folder, the jail that reads, the policy that says so."""

from mailock.engines.authentication.keys import Keyring
from mailock.engines.authentication.signer import MailSigner
from mailock.ports.clock import Clock
from mailock.ports.jail import Jail
from mailock.processes.home import Home
from mailock.processes.standing import Standing


def new_signer(home: Home, jail: Jail, clock: Clock, standing: Standing) -> MailSigner:
    """The signer."""
    return MailSigner(
        keyring=Keyring(home.data / "keys"),
        jail=jail,
        identifier=home.hostname,
        now=clock.now,
        signing=lambda: standing().signing,
    )
