"""As much of google.colab as a widget asks for."""

from google.colab import output

__all__ = ["output"]
