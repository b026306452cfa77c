// Package payment asks the card provider for money.
package payment

import "context"

// ChargeCard takes the money of an order. The same key never charges twice, however often it is called.
func ChargeCard(ctx context.Context, provider Provider, order Order) (Receipt, error) {
	key := "order-" + order.ID
	return provider.Charge(ctx, key, order.TotalCents, order.CardToken)
}

// RefundOrder gives the money back, all of it or a part.
func RefundOrder(ctx context.Context, provider Provider, receipt Receipt, cents int64) error {
	return provider.Refund(ctx, receipt.ID, cents)
}
