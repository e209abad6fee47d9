"""Models written in torch: `TorchModel`, its training loop and its batches."""
