"""The stores: the only folder that knows a driver. It owns the data and its invariants."""
