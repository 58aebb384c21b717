"""What phishing says, a language a file. Words are folded as `wording` folds the text that is searched."""
