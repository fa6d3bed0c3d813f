// Links against tree/ and vm/ only: whoever checks a proof needs no ledger.
#include "tree/multiproof.hpp"

int main() { return tally::tree::holds({}, {}, {}) ? 1 : 0; }
