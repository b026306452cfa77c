"""Letters to customers."""


def order_confirmation(order, language):
    """The message after a purchase, in the customer's language."""
    subject = {"de": "Ihre Bestellung", "fr": "Votre commande"}.get(language, "Your order")
    lines = [f"{line.amount} x {line.title}" for line in order.lines]
    return subject, "\n".join(lines)
