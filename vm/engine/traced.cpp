// The interpreter once more, each instruction shown to an observer before it runs. Nothing of what it does is
// written twice: this is interpreter.cpp with another step between the instructions.
#define TALLY_TRACED 1
#include "vm/engine/interpreter.cpp" // NOLINT(bugprone-suspicious-include)
