#include "runtime/assert.hpp"
#include "tests/bench/gas/ledger_subjects.hpp"

#include "tests/bench/vm/engines.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally::bench {
namespace {

constexpr CurrencyCode cny = currency_code('C', 'N', 'Y');
constexpr std::uint32_t rows = 1000; ///< of each collection and of the vault by key

namespace types {
enum : std::uint32_t { integer, party, cash, pots, numbers, list, pair, wide, records, count };
} // namespace types

/// By number, as the bodies say them.
std::vector<ContractField> fields() {
    return {{"owner", FieldKind::Role, types::party, 0},
            {"pot", FieldKind::Vault, types::cash, 0},
            {"pots", FieldKind::Vault, types::pots, 0},
            {"numbers", FieldKind::Stored, types::numbers, 0},
            {"list", FieldKind::Stored, types::list, 0},
            {"records", FieldKind::Stored, types::records, 0}};
}

std::vector<Type> all_types() {
    std::vector<Type> out(types::count);
    out[types::integer].kind = TypeKind::Int;
    out[types::party].kind = TypeKind::Party;
    out[types::cash].kind = TypeKind::Cash;
    out[types::pots] = {TypeKind::Map, "", types::integer, types::cash, 60'000, {}, {}};
    out[types::numbers] = {TypeKind::Map, "", types::integer, types::integer, 16'000, {}, {}};
    out[types::list] = {TypeKind::List, "", none, types::integer, 30'000, {}, {}};
    out[types::pair] = {TypeKind::Record, "Pair", none, none, 0, {{"a", types::integer}, {"b", types::integer}}, {}};
    std::vector<std::string> names;
    for (int i = 0; i < 64; ++i) names.push_back("f" + std::to_string(i));
    std::vector<Field> fields;
    for (const auto& name : names) fields.push_back({name, types::integer});
    out[types::wide] = {TypeKind::Record, "Wide", none, none, 0, fields, {}};
    out[types::records] = {TypeKind::Map, "", types::integer, types::wide, 400, {}, {}};
    return out;
}

std::string function(const std::string& name, const std::string& body, double copies, double rounds) {
    std::string text = "fn " + name + "(x0 w0 h0) regs x24 w8 h4 frame 4096 {\nb0:\n    frame x3, 0\n    frame x4, 64\n    ldi x6, 500\n    stx x6, x3, 0\n    stx x6, x4, 0\n    ldiw w4, 0\n    ldi x0, " +
                       std::to_string(static_cast<int>(rounds)) + "\n    jump b1\nb1:\n";
    for (int i = 0; i < static_cast<int>(copies); ++i) text += body;
    return text + "    addi x0, x0, -1\n    bnei x0, 0, b1\nb2:\n    ret\n}\n";
}

/// Rows 0 to `rows` of everything that has rows.
const char* const filled = "    addi x7, x0, -1\n    stx x7, x3, 0\n    ldi x10, 3\n    movx x11, x3\n    movx x12, x4\n    host x10, w0, stored_put\n"
                           "    ldi x10, 2\n    movx x11, x3\n    host x10, w0, vault_open\n";
const char* const filled_list = "    stx x8, x3, 0\n    addi x8, x8, 1\n    ldi x10, 4\n    movx x11, x3\n    movx x12, x4\n    host x10, w0, stored_put\n";

const char* const others = "fn create(x1 w0 h0) regs x1 w0 h0 frame 0 {\nb0:\n    ret\n}\nfn nothing(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n    ret\n}\n";

Entry entry_of(const Module& module, EntryKind kind, const std::string& name) {
    Entry entry;
    entry.kind = kind;
    entry.name = name;
    for (std::uint32_t i = 0; i < module.functions.size(); ++i)
        if (module.functions[i].name == name) entry.function = i;
    entry.auth.kind = AuthKind::Anyone;
    entry.states = kind == EntryKind::Create ? 0 : 1;
    if (kind == EntryKind::Create) entry.params = {{"owner", types::party}};
    return entry;
}

Contract contract(const std::string& name, std::vector<ContractField> fields, std::vector<Entry> entries) {
    Contract out;
    out.name = name;
    out.generic = true;
    out.states = {"Open"};
    out.edges = {1};
    out.fields = std::move(fields);
    out.entries = std::move(entries);
    return out;
}

std::string action(std::size_t subject) { return "s" + std::to_string(subject); }

Module module_of(const std::vector<LedgerSubject>& subjects) {
    std::string text = std::string("imports 1\n") + others + function("fill", filled, 1, rows) + function("fill_list", filled_list, 1, rows);
    for (std::size_t i = 0; i < subjects.size(); ++i) text += function(action(i), subjects[i].body, subjects[i].copies, subjects[i].rounds);
    auto assembled = assemble(text);
    if (const auto* error = std::get_if<ModuleError>(&assembled)) give_up((error->what + " in\n" + text).c_str());
    Module m = std::get<Module>(std::move(assembled));
    m.name = "bench.gas";
    m.types = all_types();
    m.imports = {{"", "Other", "nothing", {}, none}};
    m.events = {{"bench.gas.Pair", types::pair, ""}, {"bench.gas.Wide", types::wide, ""}};
    std::vector<Entry> entries{entry_of(m, EntryKind::Create, "create")};
    for (const char* name : {"fill", "fill_list"}) entries.push_back(entry_of(m, EntryKind::Action, name));
    for (std::size_t i = 0; i < subjects.size(); ++i) entries.push_back(entry_of(m, EntryKind::Action, action(i)));
    m.contracts = {contract("Subject", fields(), entries),
                   contract("Other", {{"owner", FieldKind::Role, types::party, 0}}, {entry_of(m, EntryKind::Create, "create"), entry_of(m, EntryKind::Action, "nothing")})};
    return m;
}

std::string host(const std::string& function, const std::string& window) { return window + "    host x10, w0, " + function + "\n"; }

/// A key that no one before had: each copy moves on.
const std::string next_key = "    ldx x6, x3, 0\n    addi x6, x6, 1\n    stx x6, x3, 0\n";
const std::string key = "    movx x11, x3\n", key_and_value = "    movx x11, x3\n    movx x12, x4\n";

} // namespace

std::vector<LedgerSubject> ledger_subjects() {
    std::vector<LedgerSubject> out{{"nothing", "", 1, 1}};
    const auto add = [&](const std::string& name, const std::string& body, double copies = 8, double rounds = 100) { out.push_back({name, body, copies, rounds}); };
    for (const char* plain : {"today", "self_id", "caller"}) add(plain, host(plain, ""), 8, 1000);
    add("signed", host("signed", "    ldi x10, 2\n"), 8, 1000);
    add("parent_of", host("parent_of", "    ldi x10, 2\n"), 8, 1000);
    add("become", host("become", "    ldi x10, 0\n"), 8, 1000);
    add("emit, 2 fields", host("emit", "    ldi x10, 0\n    movx x11, x4\n"), 8, 25);
    add("emit, 64 fields", host("emit", "    ldi x10, 1\n    movx x11, x4\n"), 8, 25);
    const std::string get = "    ldi x10, 3\n    ldi x11, 0\n    movx x12, x3\n    movx x13, x4\n";
    add("stored_get", host("stored_get", get));
    add("stored_get, not there", host("stored_get", "    ldi x6, -1\n    stx x6, x3, 0\n" + get));
    add("stored_put, there", host("stored_put", "    ldi x10, 3\n" + key_and_value));
    add("stored_put, new", host("stored_put", "    ldi x6, 5000\n    add x6, x6, x8\n    addi x8, x8, 1\n    stx x6, x3, 0\n    ldi x10, 3\n" + key_and_value));
    const std::string record = "    ldi x10, 5\n" + key_and_value;
    add("stored_put, 64 fields", host("stored_put", record));
    add("stored_get, 64 fields", host("stored_put", record) + host("stored_get", "    ldi x10, 5\n    ldi x11, 0\n    movx x12, x3\n    movx x13, x4\n"));
    add("stored_remove", host("stored_remove", "    stx x8, x3, 0\n    addi x8, x8, 1\n    ldi x10, 3\n" + key));
    add("stored_next", host("stored_next", "    ldi x10, 3\n    ldi x11, 0\n    ldi x12, 1\n    movx x13, x3\n    movx x14, x4\n"), 4, 100);
    add("vault_open, there", host("vault_open", "    ldi x10, 2\n" + key));
    add("vault_open, new", host("vault_open", "    ldi x6, 5000\n    add x6, x6, x8\n    addi x8, x8, 1\n    stx x6, x3, 0\n    ldi x10, 2\n" + key));
    add("vault_amount", host("vault_amount", "    ldi x10, 2\n" + key));
    add("vault_amount, plain", host("vault_amount", "    ldi x10, 1\n    ldi x11, 0\n"));
    add("vault_has", host("vault_has", "    ldi x10, 2\n" + key));
    add("vault_next", host("vault_next", "    ldi x10, 2\n    ldi x11, 1\n    movx x12, x3\n"), 4, 100);
    add("hempty, hend", "    hempty h0\n    hend h0\n", 8, 1000);
    add("hamount", "    hempty h0\n    hamount w1, h0\n    hamount w1, h0\n    hamount w1, h0\n    hend h0\n", 8, 1000);
    add("htake, hjoin", "    hempty h0\n    htake h1, h0, w4\n    hjoin h0, h1\n    hend h0\n", 8, 1000);
    add("hwithdraw, hdeposit, plain", "    ldi x6, 0\n    hwithdraw h0, w4, x6, 1\n    hdeposit h0, x6, 1\n");
    add("hwithdraw, hdeposit, by key", "    hwithdraw h0, w4, x3, 2\n    hdeposit h0, x3, 2\n");
    add("hpay", "    hempty h0\n    ldi x6, 1\n    hpay h0, x6\n");
    add("callx", "    ldi x10, 2\n    callx x10, w0, h0, 0\n");
    return out;
}

LedgerBench::LedgerBench(const std::vector<LedgerSubject>& subjects) {
    Enrol bank;
    bank.name = "bank";
    bank.key = PublicKey{1};
    bank.roles = role_registrar | role_deployer | role_clock;
    bank.issuer_of = {cny};
    TALLY_ASSERT(!ledger_.genesis({"bench", 20454, {bank}}), "a genesis that can be");
    commit();
    ledger_.begin_block(height_);
    const Hash code = send(Deploy{encode(module_of(subjects))}).code;
    for (const char* name : {"Subject", "Other"}) (void)send(Create{code, name, 0, cny, {2}, {}}); // the first party
    (void)send(OpenAccount{cny});
    for (const char* name : {"fill", "fill_list"}) (void)send(Call{1, name, {}, {}, 0});
    commit();
}

void LedgerBench::commit() {
    store_.apply(ledger_.writes());
    ledger_.committed();
}

Receipt LedgerBench::send(Payload payload) {
    Transaction tx;
    tx.signers = {1};
    ++intents_;
    for (std::size_t i = 0; i < 8; ++i) tx.intent[i] = static_cast<std::uint8_t>(intents_ >> (8 * i));
    tx.expiry = height_ + 100;
    tx.gas_limit = limits::transaction_gas;
    tx.payload = std::move(payload);
    Receipt receipt = ledger_.apply(tx);
    if (receipt.trap != Trap::None) give_up(("a subject trapped: " + std::string(trap_info(receipt.trap)->name) + " " + receipt.note).c_str());
    return receipt;
}

i64 LedgerBench::run(std::size_t subject) {
    ledger_.begin_block(height_ + 1);
    const i64 gas = send(Call{1, action(subject), {}, {}, 0}).gas_used;
    ledger_.abandon();
    return gas;
}

} // namespace tally::bench
