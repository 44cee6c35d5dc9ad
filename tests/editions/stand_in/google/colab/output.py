"""Colab's widget manager, which the book does not use."""


def enable_custom_widget_manager() -> None:
    """Do nothing."""


def disable_custom_widget_manager() -> None:
    """Do nothing."""
