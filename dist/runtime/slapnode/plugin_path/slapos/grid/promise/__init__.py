"""What promise plugins import: `slapos.grid.promise.generic` and `slapos.grid.promise.interface`."""
