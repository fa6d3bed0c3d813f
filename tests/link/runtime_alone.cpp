// Links against runtime/ and vm/ only: a ledger in memory needs no compiler and no node.
#include "runtime/ledger.hpp"

int main() {
    const tally::MemoryStore store;
    const tally::Ledger ledger(store);
    return ledger.exists() ? 1 : 0;
}
