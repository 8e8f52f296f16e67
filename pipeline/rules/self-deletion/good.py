import os
import tempfile

handle, name = tempfile.mkstemp()
os.close(handle)
os.remove(name)
