"""How many pieces of an article the warehouse still has."""


class OutOfStock(Exception):
    """Raised when more is asked for than there is."""


def reserve_pieces(connection, article_id, amount):
    """Takes pieces off the shelf in one transaction, so that none is sold twice."""
    with connection.transaction():
        left = connection.fetch_value(
            "SELECT pieces FROM stock WHERE article = %s FOR UPDATE", article_id
        )
        if left < amount:
            raise OutOfStock(article_id)
        connection.execute(
            "UPDATE stock SET pieces = pieces - %s WHERE article = %s", amount, article_id
        )
