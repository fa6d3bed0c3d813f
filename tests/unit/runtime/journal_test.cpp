#include "runtime/journal.hpp"

#include <doctest/doctest.h>

namespace tally::test {
namespace {

Bytes b(std::string_view text) { return to_bytes(text); }

std::string walk(const Store& store, std::string_view prefix) {
    std::string out;
    auto row = store.next(b(prefix), {});
    for (; row; row = store.next(b(prefix), row->first))
        out += std::string(as_text(row->first)) + "=" + std::string(as_text(row->second)) + " ";
    return out;
}

} // namespace

TEST_CASE("a journal covers its store, in order, and goes back to its savepoints") {
    MemoryStore store;
    store.apply({{b("a1"), b("x")}, {b("a3"), b("y")}, {b("b1"), b("z")}});
    Journal journal(store);
    journal.put(b("a2"), b("new"));
    journal.erase(b("a1"));
    CHECK(walk(journal, "a") == "a2=new a3=y ");
    const auto outer = journal.savepoint();
    journal.put(b("a2"), b("newer"));
    const auto inner = journal.savepoint();
    journal.erase(b("a2"));
    journal.put(b("a1"), b("back"));
    journal.put(b("a3"), b("yy"));
    CHECK(walk(journal, "a") == "a1=back a3=yy ");
    journal.rollback(inner);
    CHECK(walk(journal, "a") == "a2=newer a3=y ");
    journal.rollback(outer);
    CHECK(walk(journal, "a") == "a2=new a3=y ");
    CHECK(walk(journal, "b") == "b1=z ");
    CHECK(walk(journal, "c").empty());
    CHECK(journal.writes().size() == 2);
    Journal over(journal);
    over.put(b("a0"), b("!"));
    CHECK(walk(over, "a") == "a0=! a2=new a3=y ");
    store.apply(journal.writes());
    CHECK(walk(store, "a") == "a2=new a3=y ");
}

} // namespace tally::test
