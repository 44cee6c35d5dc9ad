"""The exercises of the einsum chapter, from three operands to the order of a chain."""
