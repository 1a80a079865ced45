"""What dot knows and decides: values in, values out, no effects."""
