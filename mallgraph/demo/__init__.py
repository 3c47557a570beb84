"""What the demo shop sells: a catalogue in the import format, and pictures drawn for it."""
