"""Drives `tally sandbox`: many commands in flight, answers in order."""
import json
import subprocess
import threading


class Sandbox:
    def __init__(self, tally, *files):
        self.process = subprocess.Popen([tally, "sandbox", *map(str, files)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 16)

    def ask_all(self, commands):
        """The answers to the commands, in their order. Written by a thread of its own, so that neither side waits."""
        def write():
            for command in commands:
                self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
        writer = threading.Thread(target=write)
        writer.start()
        answers = []
        for _ in commands:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the sandbox ended before it had answered")
            answers.append(json.loads(line))
        writer.join()
        return answers

    def ask(self, **command):
        return self.ask_all([command])[0]

    def close(self):
        self.process.stdin.close()
        return self.process.wait()
