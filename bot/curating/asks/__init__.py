"""Example asks from outside: a request to hand over, and the reply tried before it is taken."""
