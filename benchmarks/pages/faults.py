"""What goes wrong while a page is open: in its console, and in what it asks for."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response


def faults(page: Page, *own: str) -> list[str]:
    """Return a list that grows by each fault of a page from now on.

    A fault is a warning or an error in the console, an error that nothing catches, a
    request that fails or goes to another host.

    Args:
        page: not yet opened.
        own: what the addresses begin with that the page may ask for.
    """
    found: list[str] = []
    allowed = (*own, "data:", "blob:")

    def said(message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            found.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith(allowed):
            found.append(f"foreign request: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            found.append(f"{response.status}: {response.url}")

    page.on("console", said)
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.on("request", asked)
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    page.on("response", answered)
    return found
