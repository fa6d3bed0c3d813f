// A joint loan on a chain: each of its postings explains itself, down to the transaction and the clause.
#include "node/postings.hpp"
#include "runtime/json_reader.hpp"
#include "tests/bench/ledger/joint_chain.hpp"
#include "tests/unit/node/node_kit.hpp"
#include "tools/explain_posting.hpp"
#include "tools/source_files.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/date.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace tally::test {
namespace {

Json json_of(const Result<std::string>& members) {
    REQUIRE_MESSAGE(members, (members ? std::string() : members.error().line()));
    const auto json = parse_json("{" + *members + "}");
    REQUIRE(json);
    return *json;
}

std::string text(const Json& json, std::string_view name) {
    const Json* const found = json.member(name);
    return found == nullptr ? std::string() : found->text;
}

i128 cents(const std::string& amount) {
    const auto out = decimal_parse(amount, 2);
    REQUIRE_MESSAGE(out, amount);
    return *out;
}

Date day(i64 month, i64 day_of_month) { return date_from_civil(2026, month, day_of_month).value(); }

/// Three loans, their first instalment billed, the first one repaid in part five days late.
struct JointLoan {
    TemporaryDirectory directory;
    bench::JointChain joint;
    u64 billed = 0; ///< the height of the clauses

    explicit JointLoan(u64 keep_history = 0) : joint(directory / "node", std::string(TALLY_SOURCE_DIR) + "/contracts", {.min_free_bytes = 1, .signature_threads = 1, .keep_history = keep_history}) {
        joint.lend(3);
        (void)joint.send({joint.advance_to(day(2, 20))}, 1);
        joint.settle();
        billed = joint.chain().height();
        (void)joint.send({joint.repayment(0, "123.45")}, 1);
    }
    [[nodiscard]] const Chain& chain() const { return joint.chain(); }
    [[nodiscard]] u64 height() const { return chain().height(); }
    [[nodiscard]] Json explain(const std::string& id) const { return json_of(explain_postings(chain(), *posting_id(chain(), id))); }
    /// The number of the posting on a path of the first loan in an item.
    [[nodiscard]] std::string find(u64 block, u64 item, const std::string& path) const {
        const Json all = explain(fmt::format("{}.{}", block, item));
        for (const Json& one : all.member("postings")->items)
            if (text(one, "path") == path && text(one, "instance") == std::to_string(joint.loan(0))) return text(one, "id");
        FAIL("no posting on ", path);
        return {};
    }
    [[nodiscard]] NodeError refused(const std::string& id) const {
        const auto parsed = posting_id(chain(), id);
        if (!parsed) return parsed.error();
        const auto answer = explain_postings(chain(), *parsed);
        REQUIRE_FALSE(answer);
        return answer.error();
    }
};

const Json& node(const Json& answer, const std::string& number) {
    const auto& nodes = answer.member("nodes")->items;
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Json& one) { return text(one, "node") == number; });
    REQUIRE(found != nodes.end());
    return *found;
}

const Json& input(const Json& answer, const Json& of, std::size_t number) { return node(answer, of.member("inputs")->items.at(number).text); }

/// Of the first term.
const Json& node_at_top(const Json& answer) { return node(answer, text(answer.member("terms")->items.at(0), "node")); }

/// Nothing is as good as none.
i128 amount(const std::string& text) { return text.empty() || text == "null" ? 0 : cents(text); }

/// The sum, the difference, the part of a node is that of its inputs.
bool holds(const Json& answer, const Json& one) {
    const std::string words = text(one, "words");
    const auto money = [&](std::size_t i) { return decimal_parse(text(input(answer, one, i), "value"), 2); };
    const auto value = decimal_parse(text(one, "value"), 2);
    if (!value || one.member("inputs")->items.empty()) return true;
    const auto a = money(0), b = one.member("inputs")->items.size() > 1 ? money(1) : std::nullopt;
    if (!a || !b) return true;
    if (words.starts_with("the sum of ")) return *value == *a + *b;
    if (words.starts_with("the difference of ")) return *value == *a - *b;
    if (words.starts_with("the smaller of ")) return *value == std::min(*a, *b);
    if (words.starts_with("the larger of ")) return *value == std::max(*a, *b);
    if (!words.starts_with("part ")) return true;
    i128 weights = 0;
    for (std::size_t i = 1; i < one.member("inputs")->items.size(); ++i) weights += money(i).value_or(0);
    const auto number = static_cast<std::size_t>(std::stoul(words.substr(5)));
    const i128 floor = *a * money(number).value_or(0) / weights;
    return *value == floor || *value == floor + 1;
}

/// What the terms of a posting come to.
i128 explained(const Json& answer) {
    i128 sum = 0;
    for (const Json& term : answer.member("terms")->items) {
        const i128 value = cents(text(node(answer, text(term, "node")), "value"));
        sum += text(term, "sign") == "-" ? -value : value;
    }
    return sum;
}

} // namespace

TEST_CASE("a bank's cent goes back through its share, the waterfall and the rounding of interest to clause and transaction") {
    const JointLoan loan;
    const Json paid = loan.explain(loan.find(loan.height(), 1, "shares[1].interest"));
    const Json& item = *paid.member("item");
    CHECK(text(item, "kind") == "transaction");
    CHECK(item.member("signers")->items.at(0).text == "servicer");
    CHECK(text(*paid.member("posting"), "change") == "30.05");
    const Json& entry = paid.member("posting")->member("places")->items.back();
    CHECK(text(entry, "entry") == "repay");
    CHECK(text(entry, "law") == "Joint Loan Agreement 6.1");

    const Json& share = node_at_top(paid);
    CHECK(text(share, "words") == "part 2 of 2 of 50.09, split 40 : 60, unrounded 30.054; a tie goes to the first");
    const Json& step = input(paid, share, 0); // of the waterfall: what is left of the payment, or what is owed
    CHECK(text(step, "words") == "the smaller of 122.53 and 50.09");
    const Json& owed = input(paid, step, 1);
    CHECK(text(owed, "words") == fmt::format("`rows[0].interest` of instance {} as it was before", loan.joint.loan(0)));
    bool from_transaction = false;
    for (const Json& one : paid.member("nodes")->items) from_transaction = from_transaction || (text(one, "kind") == "argument" && text(one, "value") == "123.45");
    CHECK(from_transaction);

    const Json billed = loan.explain(text(owed, "since"));
    CHECK(text(*billed.member("posting"), "id") == loan.find(loan.billed, 2, "rows[0].interest"));
    CHECK(text(*billed.member("item"), "kind") == "clause");
    CHECK(text(*billed.member("item"), "clause") == "fall_due");
    CHECK(text(billed.member("posting")->member("places")->items.back(), "law") == "Joint Loan Agreement 5.3");
    const Json& interest = node_at_top(billed);
    CHECK(text(interest, "words") == "10001.00 × 0.0601 × 1 ÷ 12, rounded half_up from 50.088341…");
    CHECK(text(interest, "rounding") == "half_up");
    CHECK(text(interest, "line") == "153"); // of the contract, not of the library that it asks
}

TEST_CASE("a penalty is explained by what accrued, and how it was rounded") {
    const JointLoan loan;
    const Json fees = loan.explain(loan.find(loan.height(), 1, "shares[0].fees"));
    bool rounded = false;
    for (const Json& one : fees.member("nodes")->items) rounded = rounded || text(one, "words") == "what accrued over 730, rounded half_up from 0.921826…";
    CHECK(rounded);
}

TEST_CASE("as text, a posting stands over what it came from") {
    const JointLoan loan;
    const std::string id = loan.find(loan.height(), 1, "shares[1].interest");
    const std::string source = std::string(TALLY_SOURCE_DIR) + "/contracts/joint_loan";
    const std::string text = explanation(loan.explain(id), {.all = false, .source = source});
    CHECK_MESSAGE(text.find(id + "  30.05 USD  `shares[1].interest` of instance 3, from 0.00 to 30.05\n") == 0, text);
    CHECK_MESSAGE(text.find("that is `repay` of instance 3, Joint Loan Agreement 6.1 | apply(amount);\n") != std::string::npos, text);
    CHECK_MESSAGE(text.find("\n  + 30.05: part 2 of 2 of 50.09") != std::string::npos, text);
    CHECK_MESSAGE(text.find("\n      50.09: `rows[0].interest` of instance 3 as it was before, written by ") != std::string::npos, text);
    CHECK(text.find("a number of the code") == std::string::npos);
    CHECK(text == explanation(loan.explain(id), {.all = false, .source = source}));
    CHECK(explanation(loan.explain(id), {.all = true, .source = {}}).size() > explanation(loan.explain(id), {}).size());
}

TEST_CASE("every posting of fifty blocks explains itself, and comes to what was posted") {
    JointLoan loan;
    for (i64 month = 3; month <= 12; ++month) {
        (void)loan.joint.send({loan.joint.advance_to(day(month, 17))}, 1);
        loan.joint.settle();
        (void)loan.joint.send({loan.joint.batch_of_repayments(4), loan.joint.repayment(static_cast<std::size_t>(month % 3), fmt::format("{}.{:02}", 100 * month, month))}, 1);
    }
    CHECK(loan.height() >= 50);
    std::size_t postings = 0, followed = 0, written = 0;
    std::map<std::string, std::string> now, after; // what each place holds, and what each posting left there
    for (u64 height = 1; height <= loan.height(); ++height) {
        const auto block = loan.chain().block(height);
        for (u64 number = 1; number <= block->clauses.size() + block->transactions.size(); ++number) {
            const Json all = json_of(explain_postings(loan.chain(), {height, number, 0}));
            for (u64 i = 1; i <= all.member("postings")->items.size(); ++i) {
                const Json one = json_of(explain_postings(loan.chain(), {height, number, i}));
                const Json& posting = *one.member("posting");
                ++postings;
                INFO(text(posting, "id"));
                CHECK(explained(one) == cents(text(posting, "change")));
                CHECK(text(one, "cut") == "false");
                const Json& top = node_at_top(one);
                followed += text(top, "kind") == "unknown" ? 0U : 1U;
                for (const Json& part : one.member("nodes")->items) {
                    CHECK(holds(one, part));
                    if (part.member("since") == nullptr) continue;
                    ++written;
                    CHECK(after[text(part, "since")] == text(part, "value"));
                }
                // None is missing in between.
                std::string& place = now[fmt::format("{} {} {} {}", text(posting, "kind"), text(posting, "account"), text(posting, "instance"), text(posting, "path"))];
                CHECK(amount(place) == amount(text(posting, "before")));
                after[text(posting, "id")] = place = text(posting, "after");
            }
        }
    }
    CHECK(postings > 300);
    CHECK(written > 1000);
    CHECK(followed == postings); // nothing here is beyond what is followed
    MESSAGE(postings << " postings of " << loan.height() << " blocks");
}

TEST_CASE("an entry of zeros comes into a map, and what lies beside it keeps its lineage") {
    TemporaryDirectory directory;
    std::ofstream(directory / "notes.tally") << R"(module test.notes version 1;
contract Notes {
    role owner: Party;
    var notes: Map<Int, Money<USD>, max 4> = [];
    lifecycle { initial Open; Open -> Shut; final Shut; }
    create(owner: Party) by owner { become Open; }
    action note(at: Int, amount: Money<USD>) by owner in Open {
        notes[at] = amount;
        notes[7] = amount + amount;
    }
    action shut() by owner in Open { become Shut; }
}
)";
    const auto built = build_modules({(directory / "notes.tally").string()});
    REQUIRE(built);
    REQUIRE(!Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    const auto send = [&](std::uint8_t intent, Payload payload) {
        const auto answer = node.send(by_operator(transaction(intent, std::move(payload))));
        REQUIRE(answer);
        REQUIRE_MESSAGE(answer->receipt.trap == Trap::None, answer->receipt.note);
        return *answer;
    };
    const auto note = [&](std::uint8_t intent, i64 at, i128 amount) {
        ByteWriter arguments;
        arguments.varint(at);
        arguments.varint128(amount);
        return send(intent, Call{1, "note", arguments.take(), {}, 0}).height;
    };
    ByteWriter owner;
    owner.varint(1);
    const Hash code = send(1, Deploy{built->front().bytes}).receipt.code;
    send(2, Create{code, "Notes", 0, 0, owner.take(), {}});
    const auto explained_at = [&](u64 height, u64 number) { return json_of(explain_postings(*node.chain, {height, 1, number})); };
    CHECK(explained_at(note(3, 0, 0), 0).member("postings")->items.empty());
    const u64 height = note(4, 3, 500); // between the two
    const Json between = explained_at(height, 1), behind = explained_at(height, 2);
    CHECK(text(*between.member("posting"), "path") == "notes[3]");
    CHECK(text(node_at_top(between), "words") == "argument `amount`");
    CHECK(text(*behind.member("posting"), "path") == "notes[7]");
    CHECK(text(node_at_top(behind), "words") == "the sum of 5.00 and 5.00");
}

TEST_CASE("what is no posting is refused by a code that says how to go on") {
    const JointLoan loan;
    for (const char* const malformed : {"", "17", "17.", ".1", "17.1.2.3", "0.1.1", "17.0.1", "17.1.x", "-1.1.1", "1e3.1.1", "99999999999999999999.1.1", "00"}) {
        INFO(malformed);
        CHECK(loan.refused(malformed).code == NodeCode::BadParameter);
    }
    CHECK(loan.refused(std::string(32, 'f')).code == NodeCode::NotFound);
    const u64 height = loan.height();
    CHECK(loan.refused(fmt::format("{}.1.1", height + 1)).detail == fmt::format("there is no block {}", height + 1));
    CHECK(loan.refused(fmt::format("{}.2.1", height)).detail == fmt::format("block {} has 1 items", height));
    CHECK(loan.refused("1.1.1").detail == "item 1.1 posted nothing");
    const NodeError beyond = loan.refused(fmt::format("{}.1.99", height));
    CHECK(beyond.code == NodeCode::NoSuchPosting);
    CHECK(beyond.line().find("tally explain-posting HEIGHT.ITEM") != std::string::npos);
    // An intent is all of its transaction.
    const auto block = loan.chain().block(height);
    CHECK(loan.explain(hex(block->ids[0].intent)).member("postings")->items.size() == 15);
}

TEST_CASE("a block that does something else when it runs again explains nothing") {
    const JointLoan loan;
    const auto problem_of = [&](BlockRecord block, const ItemPlace& item) {
        Problem out;
        REQUIRE_FALSE(loan.chain().ask_past(block.height - 1, [&](const Chain::Past& past) {
            Tracer tracer([](u64) { return std::string(); });
            out = run_again(past, block, item, tracer);
        }));
        return out;
    };
    BlockRecord repaid = *loan.chain().block(loan.height()), billed = *loan.chain().block(loan.billed);
    CHECK_FALSE(problem_of(repaid, {false, 0}));
    CHECK_FALSE(problem_of(billed, {true, 1}));
    ++repaid.receipts[0].gas_used;
    REQUIRE(problem_of(repaid, {false, 0}));
    CHECK(problem_of(repaid, {false, 0})->code == NodeCode::ContentsWrong);
    ++billed.clauses[1].date;
    CHECK(problem_of(billed, {true, 1})->code == NodeCode::ContentsWrong);
}

TEST_CASE("a day with more clauses than a block may run is explained on both sides of the cut") {
    TemporaryDirectory directory;
    bench::JointChain joint(directory / "node", std::string(TALLY_SOURCE_DIR) + "/contracts", {.min_free_bytes = 1, .signature_threads = 1});
    joint.lend(limits::clauses_per_block + 10);
    (void)joint.send({joint.advance_to(day(2, 20))}, 1);
    (void)joint.send({joint.repayment(0, "5.00"), joint.repayment(limits::clauses_per_block + 9, "7.00")}, 2); // the latter bills its loan first
    joint.settle();
    const Chain& chain = joint.chain();
    std::size_t full = 0;
    for (u64 height = chain.height() - 3; height <= chain.height(); ++height) {
        const auto block = chain.block(height);
        full += block->clauses.size() > limits::clauses_per_block ? 1U : 0U;
        const u64 items = block->clauses.size() + block->transactions.size();
        for (const u64 item : {u64{1}, std::min<u64>(items, limits::clauses_per_block), items - 1, items})
            if (item != 0) CHECK(json_of(explain_postings(chain, {height, item, 0})).member("postings") != nullptr);
    }
    CHECK(full == 1);
}

TEST_CASE("a height whose state is not kept any more cannot be explained") {
    const JointLoan loan(2);
    CHECK(loan.refused("1.1.1").code == NodeCode::Pruned);
    CHECK(loan.explain(fmt::format("{}.1", loan.height())).member("postings") != nullptr);
}

} // namespace tally::test
