// tally-verify: checks a statement or a receipt against a root, and shows what is proven. Needs no node, no
// network and no compiler; whoever has the root trusts nobody else.
#include "proof/receipt.hpp"
#include "proof/statement.hpp"
#include "runtime/arguments.hpp"
#include "runtime/json_text.hpp"
#include "vm/value/decimal_text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace tally {
namespace {

constexpr int exit_false = 1, exit_unusable = 2;

int complain(const ProofFault& fault) {
    fmt::print(stderr, "tally-verify: {}\n", fault.line());
    return exit_false;
}

std::string money(i128 amount, CurrencyCode currency) {
    return decimal_text(amount, money_exponent(currency)) + " " + currency_name(currency);
}

void print_statement(const StatementFile& file, const Statement& statement, bool every) {
    fmt::print("proven: the whole book of `{}` (party {}) on `{}` at height {}\n", statement.name, file.party, file.chain, file.height);
    fmt::print("{} accounts, {} instances, {} rows\n", statement.accounts.size(), statement.positions.size(), file.rows.size());
    for (const auto& account : statement.accounts)
        fmt::print("account {:<8} {:>24}\n", account.id, money(account.balance, account.currency));
    if (every)
        for (const Position& position : statement.positions) {
            fmt::print("instance {:<8} {} {}\n", position.instance, position.contract, position.state);
            for (const Figure& figure : position.figures)
                fmt::print("    {:<32} {:>24}\n", figure.path, money(figure.amount, position.currency));
        }
    for (const auto& total : statement.totals)
        fmt::print("total {:<48} {:>24}   over {} instances\n", total.contract + "." + total.path, money(total.amount, total.currency), total.instances);
}

std::string json_of(const StatementFile& file, const Statement& statement) {
    JsonArray accounts, totals;
    for (const auto& account : statement.accounts)
        accounts.raw(JsonObject().number("id", account.id).text("currency", currency_name(account.currency))
                         .text("balance", decimal_text(account.balance, money_exponent(account.currency))).done());
    for (const auto& total : statement.totals)
        totals.raw(JsonObject().text("contract", total.contract).text("path", total.path).text("currency", currency_name(total.currency))
                       .number("instances", total.instances).text("amount", decimal_text(total.amount, money_exponent(total.currency))).done());
    return JsonObject().text("proven", "statement").text("chain", file.chain).number("height", file.height).number("party", file.party)
        .text("name", statement.name).number("instances", statement.positions.size()).raw("accounts", accounts.done()).raw("totals", totals.done()).done();
}

struct Options {
    std::string file, root;
    bool json = false, every = false;
};

int check_statement(const StatementFile& file, const Hash& root, const Options& options) {
    const auto found = verify_statement(file, root);
    if (const auto* const fault = std::get_if<ProofFault>(&found)) return complain(*fault);
    const auto& statement = std::get<Statement>(found);
    if (options.json) fmt::print("{}\n", json_of(file, statement));
    else print_statement(file, statement, options.every);
    return 0;
}

int check_receipt(const ReceiptFile& file, const Hash& root, const Options& options) {
    const auto found = verify_receipt(file, root);
    if (const auto* const fault = std::get_if<ProofFault>(&found)) return complain(*fault);
    const auto& proven = std::get<ProvenReceipt>(found);
    const TrapInfo& trap = *trap_info(proven.receipt.trap);
    if (options.json)
        fmt::print("{}\n", JsonObject().text("proven", "receipt").number("height", proven.height).text("id", hex(proven.id)).text("intent", hex(proven.intent))
                               .text("trap", trap.name).number("gas_used", static_cast<u64>(proven.receipt.gas_used)).number("created", proven.receipt.created)
                               .number("events", proven.receipt.events.size()).text("root_before", hex(proven.before)).done());
    else {
        fmt::print("proven: block {} holds the transaction {} (intent {})\n", proven.height, hex(proven.id), hex(proven.intent));
        fmt::print("{}, {} gas, {} events\n", proven.receipt.trap == Trap::None ? "done" : fmt::format("refused: {}", trap.name), proven.receipt.gas_used, proven.receipt.events.size());
        for (const Event& event : proven.receipt.events) fmt::print("event {} of instance {}\n", event.name, event.instance);
        fmt::print("root before the block {}\n", hex(proven.before));
    }
    return 0;
}

int check(const Options& options) {
    Bytes bytes;
    Hash root{};
    if (!unhex(options.root, bytes) || bytes.size() != root.size()) {
        fmt::print(stderr, "tally-verify: --root is 64 lower-case hexadecimal digits: the root that you trust\n");
        return exit_unusable;
    }
    std::copy(bytes.begin(), bytes.end(), root.begin());
    std::ifstream in(options.file, std::ios::binary);
    if (!in) {
        fmt::print(stderr, "tally-verify: {} cannot be read\n", options.file);
        return exit_unusable;
    }
    bytes.assign(std::istreambuf_iterator<char>(in), {});
    if (StatementFile statement; decode(bytes, statement)) return check_statement(statement, root, options);
    if (ReceiptFile receipt; decode(bytes, receipt)) return check_receipt(receipt, root, options);
    return complain(not_a_file_of_this_kind("statement or receipt"));
}

} // namespace
} // namespace tally

int main(int argc, char** argv) {
    CLI::App app{"tally-verify: checks a statement or a receipt against a root, without a node"};
    tally::Options options;
    app.add_option("FILE", options.file, "made by `tally statement` or `tally proof`")->required();
    app.add_option("--root", options.root, "the root that you trust: 64 hexadecimal digits")->required();
    app.add_flag("--json", options.json, "the answer as one JSON object");
    app.add_flag("--every", options.every, "every instance of a statement, not only totals");
    CLI11_PARSE(app, argc, argv);
    return tally::check(options);
}
