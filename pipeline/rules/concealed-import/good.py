import importlib

plugin = importlib.import_module("formats.markdown")
handler = getattr(plugin, "render")
print(handler("# Title"))
