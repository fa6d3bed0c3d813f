#include "tests/unit/bytecode/rich_module.hpp"

#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/bytecode/verify.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

bool refused(ByteView bytes) { return std::holds_alternative<ModuleError>(decode(bytes)); }

/// A chain of `depth` nodes.
Auth nested(int depth) {
    Auth auth;
    if (depth > 1) auth.children = {nested(depth - 1)};
    return auth;
}

} // namespace

TEST_CASE("a module comes back from its bytes") {
    const Module module = test::rich_module();
    const Bytes bytes = encode(module);
    const auto again = decode(bytes);
    REQUIRE(std::holds_alternative<Module>(again));
    CHECK(std::get<Module>(again) == module);
    CHECK(module_hash(bytes) != module_hash(encode(Module{})));
}

TEST_CASE("what is copied or moved out of a decoded module outlives it") {
    const Module rich = test::rich_module();
    auto decoded = std::make_unique<Module>(std::get<Module>(decode(encode(rich))));
    auto last = std::make_unique<Module>(std::move(*decoded));
    decoded.reset();
    const Module copy = *last;
    std::vector<Type> types;
    for (Type& type : last->types) types.push_back(std::move(type));
    const Entry entry = std::move(last->contracts[1].entries[1]);
    *last = Module{};
    last.reset();
    CHECK(copy == rich);
    CHECK(types == rich.types);
    CHECK(entry == rich.contracts[1].entries[1]);
}

TEST_CASE("the empty module comes back too") {
    const auto again = decode(encode(Module{}));
    REQUIRE(std::holds_alternative<Module>(again));
    CHECK(std::get<Module>(again) == Module{});
}

TEST_CASE("every truncation and every appended byte is refused") {
    Bytes bytes = encode(test::rich_module());
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        CAPTURE(n);
        CHECK(refused(ByteView(bytes).first(n)));
    }
    bytes.push_back(0);
    CHECK(refused(bytes));
}

TEST_CASE("a changed byte is refused or means another module") {
    const Bytes bytes = encode(test::rich_module());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (const int flip : {1, 2, 0x40, 0x80, 0xff}) {
            Bytes changed = bytes;
            changed[i] = static_cast<std::uint8_t>(changed[i] ^ flip);
            const auto decoded = decode(changed);
            const auto* module = std::get_if<Module>(&decoded);
            if (module == nullptr) continue;
            CAPTURE(i);
            CHECK(encode(*module) == changed);
            (void)verify(*module); // whatever it says, it says it
        }
    }
}

TEST_CASE("a longer way to write a number is refused") {
    Module module;
    module.version = 5;
    Bytes bytes = encode(module);
    // magic, two versions, an empty name: then the module's version.
    REQUIRE(bytes[11] == 5);
    bytes[11] = 0x85;
    bytes.insert(bytes.begin() + 12, 0);
    CHECK(refused(bytes));
}

TEST_CASE("nowhere may a byte be written as two") {
    const Bytes bytes = encode(test::rich_module());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes longer = bytes;
        longer[i] |= 0x80;
        longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i) + 1, 0);
        const auto decoded = decode(longer);
        const auto* module = std::get_if<Module>(&decoded);
        if (module == nullptr) continue; // inside a text or code it is another one, and as long as it says
        CAPTURE(i);
        CHECK(encode(*module) == longer);
    }
}

TEST_CASE("other magic, machine or gas schedule is refused") {
    for (const std::size_t i : {0u, 7u, 8u, 9u}) {
        Bytes bytes = encode(Module{});
        ++bytes[i];
        CAPTURE(i);
        CHECK(refused(bytes));
    }
}

TEST_CASE("rights nest to their limit and no further") {
    Module module = test::rich_module();
    constexpr int limit = static_cast<int>(limits::auth_depth);
    module.contracts[0].entries[0].auth = nested(limit);
    CHECK(!refused(encode(module)));
    module.contracts[0].entries[0].auth = nested(limit + 1);
    CHECK(refused(encode(module)));
    CHECK(std::holds_alternative<VerifyError>(verify(module)));
}

TEST_CASE("a name of 255 bytes is the longest") {
    Module module;
    module.name = std::string(limits::name_bytes, 'n');
    CHECK(!refused(encode(module)));
    module.name += 'n';
    CHECK(refused(encode(module)));
}

TEST_CASE("a module of 512 KiB is the largest") {
    Bytes bytes(limits::module_bytes + 1);
    const auto error = decode(bytes);
    REQUIRE(std::holds_alternative<ModuleError>(error));
    CHECK(std::get<ModuleError>(error).what == "the module is too large");
}
