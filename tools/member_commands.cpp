// `tally propose | vote | enact | sign | send`: what the members of a shared ledger do together.
#include "tools/commands.hpp"
#include "tools/ledger_queries.hpp"

#include "node/arguments.hpp"
#include "node/files.hpp"
#include "node/genesis.hpp"
#include "node/tx/envelope.hpp"
#include "runtime/json_text.hpp"
#include "runtime/parameters.hpp"
#include "runtime/rights.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/decimal_text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace tally {
namespace {

NodeError bad(std::string detail) { return {NodeCode::BadInput, std::move(detail)}; }

struct Asked : LedgerOptions {
    std::string kind, what, which, about, votes, institution;
    i64 value = 0, delay = 0, stands = 30;
    u64 proposal = 0;
};
using AskedPtr = std::shared_ptr<Asked>;

/// What is to be decided: its class and subject, and the transaction that does it once it is agreed.
struct Effect {
    DecisionClass what = DecisionClass::Deploy;
    std::string subject;
    Payload payload;
    std::string amends = "Deploy", amended = "null"; ///< Amend: done by the proposal itself
};

template <typename P> Effect effect(DecisionClass what, const P& payload) { return {what, hex(subject_of(payload)), payload}; }

Result<InstitutionId> institution_called(LedgerSession& session, const std::string& name) {
    const auto answer = session.client().get("/v1/institutions/" + url_escaped(name));
    if (!answer) return answer.error();
    const Json* const found = answer->member("institution");
    if (found == nullptr) return NodeError{NodeCode::BadAnswer, {}};
    return InstitutionId{number_in(*found, "id")};
}

Result<Effect> deploy(LedgerSession& session, const Asked& asked) {
    const auto bytes = read_file(asked.what, limits::module_bytes);
    if (!bytes) return bytes.error();
    const auto module = decode(to_bytes(*bytes));
    if (module.index() != 0) return bad(asked.what + " is no module");
    const bool known = static_cast<bool>(session.client().get("/v1/modules/" + url_escaped(std::get<0>(module).name)));
    return Effect{known ? DecisionClass::Upgrade : DecisionClass::Deploy, hex(module_hash(to_bytes(*bytes))), Deploy{to_bytes(*bytes), 0}};
}

Result<Effect> admit(LedgerSession&, const Asked& asked) {
    const auto text = read_file(asked.what, 1U << 20);
    if (!text) return text.error();
    const auto json = parse_json(*text);
    if (!json) return bad(asked.what + " is not JSON");
    const auto institution = institution_from_json(*json);
    if (!institution) return institution.error();
    return effect(DecisionClass::Admit, *institution);
}

Result<Effect> suspend(LedgerSession& session, const Asked& asked) {
    const auto id = institution_called(session, asked.what);
    if (!id) return id.error();
    const bool suspends = asked.kind == "suspend";
    return effect(suspends ? DecisionClass::Suspend : DecisionClass::Reinstate, Suspend{*id, suspends, 0});
}

Result<Effect> appoint(LedgerSession& session, const Asked& asked) {
    const auto currency = currency_by_name(asked.what);
    if (!currency) return bad("there is no currency `" + asked.what + "`");
    const auto party = session.party(asked.which);
    if (!party) return party.error();
    return effect(DecisionClass::Appoint, Appoint{currency->code, *party, 0});
}

Result<Effect> parameter(LedgerSession&, const Asked& asked) {
    const ParameterInfo* const info = parameter_by_name(asked.what);
    if (info == nullptr) return bad("there is no parameter `" + asked.what + "`; see `tally query rights`");
    return effect(DecisionClass::Parameter, SetParameter{info->parameter, asked.value, 0});
}

Result<Effect> pause(LedgerSession&, const Asked& asked) {
    const auto until = date_parse(asked.what);
    if (!until) return bad("a pause ends on a date such as 2026-03-31");
    return effect(DecisionClass::Pause, Pause{*until, 0});
}

Result<Effect> amend(LedgerSession&, const Asked& asked) {
    const std::size_t slash = asked.votes.find('/');
    const bool known = std::find(std::begin(decision_names), std::end(decision_names), asked.what) != std::end(decision_names);
    if (slash == std::string::npos || !known) return bad("name the class, such as Deploy, and --votes such as 2/3");
    Effect out;
    out.what = DecisionClass::Amend;
    out.amends = asked.what;
    out.amended = fmt::format(R"({{"votes": {}, "of": {}, "delay": {}, "stands": {}}})", asked.votes.substr(0, slash), asked.votes.substr(slash + 1), asked.delay, asked.stands);
    return out;
}

struct Kind {
    const char *name, *operand, *help;
    Result<Effect> (*read)(LedgerSession&, const Asked&);
};
constexpr Kind kinds[] = {
    {"deploy", "MODULE_FILE", "a module, or a later version of one", deploy},
    {"admit", "FILE", "an institution: JSON as in a genesis", admit},
    {"suspend", "INSTITUTION", "its people's signatures count no longer", suspend},
    {"reinstate", "INSTITUTION", "they count again", suspend},
    {"appoint", "CURRENCY", "who issues a currency", appoint},
    {"parameter", "NAME", "a parameter of the ledger", parameter},
    {"pause", "DATE", "nothing but keys, votes and dates until then", pause},
    {"amend", "CLASS", "how much agreement a class of decision needs", amend},
};

const Kind& kind_called(const std::string& name) {
    return *std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return name == kind.name; });
}

Result<InstanceId> governance_of(LedgerSession& session) {
    const auto answer = session.client().get("/v1/institutions");
    if (!answer) return answer.error();
    const InstanceId id = number_in(*answer, "governance");
    if (id == 0) return bad("the ledger has no institutions: nothing needs to be agreed");
    return InstanceId{id};
}

/// The board that the first signer is an officer of.
Result<std::string> board_of(LedgerSession& session, const Asked& asked) {
    if (!asked.institution.empty()) return asked.institution + ".officers";
    const auto answer = session.client().get("/v1/parties/" + url_escaped(asked.signers.front()));
    if (!answer) return answer.error();
    const Json* const party = answer->member("party");
    const std::string name = party != nullptr ? text_in(*party, "institution") : "";
    if (name.empty()) return bad(asked.signers.front() + " belongs to no institution");
    return name + ".officers";
}

Result<Payload> make_proposal(LedgerSession& session, const Asked& asked) {
    const auto governance = governance_of(session);
    if (!governance) return governance.error();
    const auto board = board_of(session, asked);
    if (!board) return board.error();
    const auto effect = kind_called(asked.kind).read(session, asked);
    if (!effect) return effect.error();
    const auto instance = session.instance(*governance);
    if (!instance) return instance.error();
    const auto program = session.program(instance->code);
    if (!program) return program.error();
    const KeySeed random = random_seed(); // a serial that nobody has had
    ByteReader serial(random);
    const std::string json = JsonObject()
                                 .number("serial", serial.u64be() >> 2)
                                 .text("class", decision_names[static_cast<std::size_t>(effect->what)])
                                 .text("subject", effect->subject)
                                 .text("about", asked.about)
                                 .text("amends", effect->amends)
                                 .raw("amended", effect->amended)
                                 .text("proposer", *board)
                                 .done();
    const Contract* const contract = find_contract((*program)->module, "Proposal");
    const Entry* const entry = contract != nullptr ? find_entry(*contract, "create") : nullptr;
    if (entry == nullptr) return NodeError{NodeCode::BadAnswer, "the governance contract"};
    auto arguments = encode_arguments(**program, *entry, json, 2, session.party_lookup());
    if (!arguments) return arguments.error();
    return Payload{Create{(*program)->hash, "Proposal", *governance, 0, std::move(*arguments), {}}};
}

Result<Payload> call_of(LedgerSession& session, u64 proposal, const char* name, const std::string& json) {
    const auto instance = session.instance(proposal);
    if (!instance) return instance.error();
    const auto program = session.program(instance->code);
    if (!program) return program.error();
    const Contract* const contract = find_contract((*program)->module, instance->contract);
    const Entry* const entry = contract != nullptr ? find_entry(*contract, name) : nullptr;
    if (entry == nullptr) return bad(fmt::format("instance {} is no proposal", proposal));
    auto arguments = encode_arguments(**program, *entry, json, 2, session.party_lookup());
    if (!arguments) return arguments.error();
    return Payload{Call{proposal, name, std::move(*arguments), {}, 0}};
}

/// Nobody votes for what he has not seen.
Problem show_proposal(LedgerSession& session, u64 proposal) {
    const auto answer = session.client().get("/v1/instances/" + std::to_string(proposal));
    if (!answer) return answer.error();
    const Json* const instance = answer->member("instance");
    const Json* const fields = instance != nullptr ? instance->member("fields") : nullptr;
    if (fields == nullptr) return NodeError{NodeCode::BadAnswer, {}};
    for (const char* name : {"class", "subject", "about", "amends", "amended", "until"})
        if (const Json* const field = fields->member(name)) fmt::print("{} {}\n", name, json_text(*field));
    return std::nullopt;
}

Result<Payload> make_vote(LedgerSession& session, const Asked& asked) {
    if (auto problem = show_proposal(session, asked.proposal)) return *problem;
    const auto board = board_of(session, asked);
    if (!board) return board.error();
    return call_of(session, asked.proposal, "vote", JsonObject().text("member", *board).done());
}

Result<Payload> make_enactment(LedgerSession& session, const Asked& asked) {
    if (asked.kind == "amend") return call_of(session, asked.proposal, "enact_amendment", "{}");
    auto effect = kind_called(asked.kind).read(session, asked);
    if (!effect) return effect.error();
    std::visit(
        [&](auto& payload) {
            if constexpr (requires { payload.mandate; }) payload.mandate = asked.proposal;
        },
        effect->payload);
    return std::move(effect->payload);
}

using Make = Result<Payload> (*)(LedgerSession&, const Asked&);

void transaction(CLI::App& command, const AskedPtr& asked, Make make) {
    add_connection(command, *asked);
    command.add_option("--keys", asked->keys, "folder of the keys")->capture_default_str();
    command.add_option("--as", asked->signers, "officers who sign")->delimiter(',')->allow_extra_args(false)->required();
    command.add_option("--for", asked->institution, "whose board they are; the first signer's if it is not named");
    command.add_option("--draft", asked->draft, "write it to this file instead of sending it");
    command.callback([asked, make] {
        throw CLI::RuntimeError(send_transaction(*asked, [&](LedgerSession& session) { return make(session, *asked); }));
    });
}

void add_kinds(CLI::App& command, const AskedPtr& asked, Make make, bool enacts) {
    command.require_subcommand(1);
    for (const Kind& kind : kinds) {
        CLI::App* const sub = command.add_subcommand(kind.name, kind.help);
        const bool needs_operand = !(enacts && kind.read == amend);
        if (needs_operand) sub->add_option(kind.operand, asked->what, kind.help)->required();
        if (kind.read == appoint) sub->add_option("PARTY", asked->which, "the issuer, such as a house")->required();
        if (kind.read == parameter) sub->add_option("VALUE", asked->value, "within its bounds")->required();
        if (kind.read == amend && !enacts) {
            sub->add_option("--votes", asked->votes, "such as 2/3")->required();
            sub->add_option("--delay", asked->delay, "days from agreement to effect")->required();
            sub->add_option("--stands", asked->stands, "days until it lapses")->capture_default_str();
        }
        if (enacts) sub->add_option("--proposal", asked->proposal, "its number")->required();
        else sub->add_option("--about", asked->about, "a word to people");
        sub->parse_complete_callback([asked, name = std::string(kind.name)] { asked->kind = name; });
        transaction(*sub, asked, make);
    }
}

// ---- what a draft would do, for whoever signs it ---------------------------------------------------

std::string cash_text(const std::vector<CashIn>& cash) {
    std::string out;
    for (const CashIn& in : cash)
        out += fmt::format(", with {} minor units of account {}", int_text(in.amount), in.account);
    return out;
}

std::string words(const Enrol& e) {
    return fmt::format("enrol `{}`, key {}, roles {}, of institution {}, until {}", e.name, key_text(e.key), fmt::join(role_names(e.roles), ","), e.institution, e.until);
}
std::string words(const OpenAccount& o) { return fmt::format("open an account in {} for party {} (0: the first signer)", currency_name(o.currency), o.owner); }
std::string words(const Issue& i) { return fmt::format("issue {} minor units into account {}", int_text(i.amount), i.account); }
std::string words(const Retire& r) { return fmt::format("retire {} minor units out of account {}", int_text(r.amount), r.account); }
std::string words(const Pay& p) { return fmt::format("pay {} minor units from account {} to account {}", int_text(p.amount), p.from, p.to); }
std::string words(const Deploy& d) { return fmt::format("deploy module {} by proposal {}", hex(module_hash(d.module)), d.mandate); }
std::string words(const Create& c) {
    return fmt::format("create {} of module {} under instance {}, arguments {}{}", c.contract, hex(c.code), c.parent, hex(c.arguments), cash_text(c.cash));
}
std::string words(const Call& c) { return fmt::format("call `{}` of instance {}, arguments {}{}, what comes back to account {}", c.entry, c.instance, hex(c.arguments), cash_text(c.cash), c.payout); }
std::string words(const Advance& a) { return "move the date to " + date_text(a.to); }
std::string words(const Batch& b) {
    std::string out = b.all ? "all or none of:" : "each for itself:";
    for (const auto& item : b.items)
        out += "\n  " + std::visit([](const auto& one) { return words(one); }, item);
    return out;
}
std::string words(const Rotate& r) { return fmt::format("party {} gets the key {}, until {}", r.party, key_text(r.key), r.until); }
std::string words(const Revoke& r) { return fmt::format("revoke party {}", r.party); }
std::string words(const Admit& a) {
    std::string out = fmt::format("admit `{}`, LEI {}, root certificate {}, {}, {} officers needed of:", a.name, a.lei, hex(a.root_certificate), a.votes ? "with a vote" : "without a vote", a.officers_needed);
    for (const Officer& one : a.officers)
        out += fmt::format("\n  `{}`, key {}", one.name, key_text(one.key));
    return out + fmt::format("\nby proposal {}", a.mandate);
}
std::string words(const Suspend& s) { return fmt::format("{} institution {} by proposal {}", s.suspended ? "suspend" : "reinstate", s.institution, s.mandate); }
std::string words(const Appoint& a) { return fmt::format("party {} issues {} by proposal {}", a.issuer, currency_name(a.currency), a.mandate); }
std::string words(const SetParameter& s) {
    const ParameterInfo* const info = parameter_info(s.parameter);
    return fmt::format("set {} to {} by proposal {}", info != nullptr ? info->name : "?", s.value, s.mandate);
}
std::string words(const Pause& p) { return fmt::format("pause until {} by proposal {}", date_text(p.until), p.mandate); }

int show_draft(const Draft& draft) {
    ByteWriter unsigned_envelope;
    unsigned_envelope.bytes(draft.body);
    for (std::size_t i = 0; i < draft.signers.size(); ++i)
        unsigned_envelope.raw(Signature{});
    const auto decoded = decode_envelope(unsigned_envelope.data());
    if (!decoded) return complain(decoded.error());
    const Transaction& transaction = decoded->transaction;
    fmt::print("on `{}`, intent {}, in a block up to {}, at most {} gas:\n{}\n", decoded->chain, hex(transaction.intent), transaction.expiry,
               transaction.gas_limit, std::visit([](const auto& payload) { return words(payload); }, transaction.payload));
    return 0;
}

int run_sign(const Asked& asked) {
    auto draft = Draft::read(asked.what);
    if (!draft) return complain(draft.error());
    const std::size_t before = draft->signatures.size();
    if (const int code = show_draft(*draft); code != 0) return code;
    if (const auto problem = draft->sign_with(asked.keys)) return complain(*problem);
    if (draft->signatures.size() == before) return complain(bad("the folder of the keys has none that is still missing"));
    if (const auto problem = draft->write(asked.what)) return complain(*problem);
    for (const std::string& name : draft->missing())
        fmt::print("missing: {}\n", name);
    return 0;
}

int run_send(const Asked& asked) {
    const auto draft = Draft::read(asked.what);
    if (!draft) return complain(draft.error());
    if (!draft->missing().empty()) return complain(bad(draft->missing().front() + " has not signed: `tally sign`"));
    auto session = LedgerSession::open(asked);
    if (!session) return complain(session.error());
    return show(*session, session->submit(*draft));
}

} // namespace

void add_member_commands(CLI::App& app) {
    const auto asked = std::make_shared<Asked>();
    add_kinds(*app.add_subcommand("propose", "something that the members decide together"), asked, make_proposal, false);
    add_kinds(*app.add_subcommand("enact", "do what was agreed: the same words as in the proposal"), asked, make_enactment, true);
    CLI::App* const vote = app.add_subcommand("vote", "for a proposal, in the name of the officers' institution");
    vote->add_option("PROPOSAL", asked->proposal, "its number")->required();
    transaction(*vote, asked, make_vote);
    CLI::App* const sign = app.add_subcommand("sign", "add your signature to a draft");
    sign->add_option("FILE", asked->what, "written with --draft")->required();
    sign->add_option("--keys", asked->keys, "folder of the keys")->capture_default_str();
    sign->callback([asked] { throw CLI::RuntimeError(run_sign(*asked)); });
    CLI::App* const send = app.add_subcommand("send", "send a draft that all have signed");
    send->add_option("FILE", asked->what, "written with --draft")->required();
    add_connection(*send, *asked);
    send->callback([asked] { throw CLI::RuntimeError(run_send(*asked)); });
}

} // namespace tally
