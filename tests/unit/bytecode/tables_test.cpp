#include "vm/bytecode/tables.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace tally;

TEST_CASE("every opcode has a mnemonic of its own and costs something") {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < op_count; ++i) {
        const OpInfo& info = op_info(static_cast<Op>(i));
        CAPTURE(info.name);
        CHECK(seen.insert(info.mnemonic).second);
        CHECK((info.gas >= 1 || info.name == "Case")); // a place in a table, never run
        CHECK(op_by_mnemonic(info.mnemonic) == static_cast<Op>(i));
        CHECK(!info.doc.empty());
    }
    CHECK(!op_by_mnemonic("no such thing"));
}

TEST_CASE("opcode numbers never move") {
    CHECK(static_cast<int>(Op::Block) == 0);
    CHECK(static_cast<int>(Op::TrapOp) == 21);
    CHECK(static_cast<int>(Op::AddX) == 30);
    CHECK(static_cast<int>(Op::HEnd) == 97);
    CHECK(static_cast<int>(Op::Store32) == static_cast<int>(op_count) - 1);
    CHECK(op_count == 131);
}

TEST_CASE("terminators and branches") {
    CHECK(op_is_terminator(Op::Jump));
    CHECK(op_is_branch(Op::Jump));
    CHECK(op_is_branch(Op::WBranchLe));
    CHECK(!op_is_terminator(Op::WBranchLe));
    CHECK(op_is_terminator(Op::ReturnH));
    CHECK(op_is_terminator(Op::TrapOp));
    CHECK(!op_is_branch(Op::TrapOp));
    CHECK(!op_is_terminator(Op::Call));
}

TEST_CASE("every host function has a name of its own and a well-formed signature") {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < host_count; ++i) {
        const HostInfo& info = host_info(static_cast<HostFn>(i));
        CAPTURE(info.name);
        CHECK(seen.insert(info.name).second);
        CHECK(host_by_name(info.name) == static_cast<HostFn>(i));
        const std::size_t colon = info.signature.find(':');
        REQUIRE(colon + 2 == info.signature.size());
        CHECK(std::string_view("xw-").find(info.result()) != std::string_view::npos);
        const auto params = info.signature.substr(0, colon);
        CHECK(params.find_first_not_of("xwp") == std::string_view::npos);
        CHECK(info.x_params() + info.w_params() == params.size());
        CHECK(info.gas > 0);
    }
    CHECK(host_info(HostFn::MulDiv3).x_params() == 2);
    CHECK(host_info(HostFn::MulDiv3).w_params() == 3);
    CHECK(host_info(HostFn::MulDiv3).result() == 'w');
    CHECK(host_info(HostFn::Become).result() == '-');
    CHECK(!host_by_name("no such thing"));
}

TEST_CASE("trap numbers and names are unique") {
    std::set<std::string_view> names;
    int count = 0;
    for (unsigned i = 0; i <= 0xffff; ++i) {
        const TrapInfo* info = trap_info(static_cast<Trap>(i));
        if (info == nullptr) continue;
        ++count;
        CHECK(names.insert(info->name).second);
        CHECK(trap_by_name(info->name) == static_cast<Trap>(i));
        CHECK(!info->what.empty());
        CHECK(!info->fix.empty());
    }
    CHECK(count == 38);
    CHECK(trap_info(Trap::None) == nullptr);
    CHECK(static_cast<int>(Trap::OutOfGas) == 1);
    CHECK(static_cast<int>(Trap::TestFailed) == 35);
    CHECK(static_cast<int>(Trap::BadCall) == 36);
    CHECK(trap_info(Trap::Overflow)->machine);
    CHECK(!trap_info(Trap::Refused)->machine);
}
