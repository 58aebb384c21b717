"""The first thing that anybody runs: every sample becomes what it should, and the command says so and ends."""

import subprocess
import sys

import pytest


@pytest.mark.timeout(150)
def test_the_demo_shows_what_it_says() -> None:
    command = [sys.executable, "-m", "mailock", "demo", "--quiet", "--seconds", "1", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=140, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "10 of 10 samples became what they should: 6 arrived unchanged, 3 kept in quarantine" in done.stdout
    assert "a digest tells you@example.com what is kept from him: http://127.0.0.1:" in done.stdout
