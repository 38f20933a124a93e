"""Only the trainer loads libtorch: it costs a program most of a second and 160 MB to start with it."""
import subprocess
import sys


def libraries_of(program):
    return subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout


trainer, *others = sys.argv[1:]
if "libtorch_cpu" not in libraries_of(trainer):
    sys.exit(f"{trainer} should load libtorch: this test sees nothing")
wrong = [program for program in others if any(name in libraries_of(program) for name in ("libtorch", "libc10"))]
print("\n".join(f"{program} loads libtorch" for program in wrong) or "only the trainer loads libtorch")
sys.exit(bool(wrong))
