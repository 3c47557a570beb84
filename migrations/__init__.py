"""The tables of the relational store, revision by revision."""
