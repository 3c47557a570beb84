"""How deep values lie inside one another, counted by their brackets."""

from graphql import DocumentNode, TokenKind

_OPENS = frozenset({TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L})
_CLOSES = frozenset({TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R})


def nested(document: DocumentNode) -> int:
    """Return how many lists and objects of a value, or lists of a type, lie inside one another.

    The document must have its tokens, as it does where it is parsed with places.
    """
    token = document.loc and document.loc.start_token
    arguments = inside = found = 0
    while token:
        if token.kind in _OPENS:
            arguments += token.kind is TokenKind.PAREN_L
            inside += arguments > 0
            found = max(found, inside)
        elif token.kind in _CLOSES:
            inside -= arguments > 0
            arguments -= token.kind is TokenKind.PAREN_R
        token = token.next
    # The parentheses are counted as well.
    return max(found - 1, 0)
