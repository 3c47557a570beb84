"""A provider of card payments to try with: a server of its own, which moves no money.

It does what real ones do, the unpleasant things included: it tells its news several times, late and
in any order, and loses answers to work that it did. See docs/payments.md.
"""
