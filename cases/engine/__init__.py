"""What a test case means: a spec goes in, an attempt comes out. Imports no Django."""
