#include "tools/ledger_queries.hpp"

#include "node/arguments.hpp"
#include "node/files.hpp"
#include "runtime/json_text.hpp"
#include "tools/explain_posting.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace tally {
namespace {

struct Asked : LedgerOptions {
    std::string kind, what, currency, entry, arguments = "{}";
    std::string out, at_height, on;
    ExplainOptions explain;
    bool json = false;
    u64 instance = 0, from = 1;
};
using AskedPtr = std::shared_ptr<Asked>;

/// Asks, and shows the answer or one member of it.
int show_get(const Asked& asked, const std::string& target, std::string_view member = {}) {
    auto client = Client::connect(asked.node, asked.tls);
    if (!client) return complain(client.error());
    const auto answer = client->get(target);
    if (!answer) return complain(answer.error());
    const Json* const part = member.empty() ? &*answer : answer->member(member);
    fmt::print("{}\n", pretty(part != nullptr ? *part : *answer));
    return 0;
}

/// `?at_height=N` or `?on=DATE`, behind a `?` or a `&`.
std::string when(const Asked& asked, char mark) {
    if (!asked.at_height.empty()) return mark + ("at_height=" + url_escaped(asked.at_height));
    return asked.on.empty() ? std::string() : mark + ("on=" + url_escaped(asked.on));
}

int run_query(const Asked& asked) {
    const bool about_all = asked.kind == "institutions" || asked.kind == "rights";
    if (asked.what.empty() != about_all) return complain({NodeCode::BadInput, about_all ? asked.kind + " are asked for without a name" : "name which " + asked.kind});
    const std::string what = url_escaped(asked.what), past = when(asked, '?');
    if (asked.kind == "instance") return show_get(asked, "/v1/instances/" + what + past, "instance");
    if (asked.kind == "party") return show_get(asked, "/v1/parties/" + what + past, "party");
    if (asked.kind == "institution") return show_get(asked, "/v1/institutions/" + what + past, "institution");
    if (asked.kind == "institutions") return show_get(asked, "/v1/institutions" + past);
    if (asked.kind == "rights") return show_get(asked, "/v1/rights");
    if (asked.kind == "block") return show_get(asked, "/v1/blocks/" + what, "block");
    const std::string name = asked.currency.empty() ? "id=" + what : "owner=" + what + "&currency=" + url_escaped(asked.currency);
    return show_get(asked, "/v1/accounts?" + name + when(asked, '&'), "account");
}

int run_view(const Asked& asked) {
    auto client = Client::connect(asked.node, asked.tls);
    if (!client) return complain(client.error());
    const auto arguments = parse_json(asked.arguments);
    if (!arguments) return complain({NodeCode::BadInput, "the arguments are not JSON"});
    const auto answer = client->post("/v1/view" + when(asked, '?'), JsonObject()
                                                     .number("instance", asked.instance)
                                                     .text("entry", asked.entry)
                                                     .raw("arguments", json_text(*arguments))
                                                     .done());
    if (!answer) return complain(answer.error());
    if (const Json* const result = answer->member("result")) {
        fmt::print("{}\n", pretty(*result));
        return 0;
    }
    const Json* const failed = answer->member("failed");
    const std::string name = failed != nullptr ? text_in(*failed, "trap_name") : std::string();
    const std::string note = failed != nullptr ? text_in(*failed, "note") : std::string();
    return complain({NodeCode::TransactionFailed, name + ", " + note});
}

int run_events(const Asked& asked) {
    auto client = Client::connect(asked.node, asked.tls);
    if (!client) return complain(client.error());
    u64 height = asked.from, skip = 0;
    while (true) {
        const auto page = client->get("/v1/events?from_height=" + std::to_string(height) +
                                      "&skip=" + std::to_string(skip));
        if (!page) return complain(page.error());
        const Json* const events = page->member("events");
        if (events == nullptr) return complain({NodeCode::BadAnswer, {}});
        for (const Json& event : events->items)
            fmt::print("{}\n", json_text(event));
        height = number_in(*page, "next_height");
        skip = number_in(*page, "next_skip");
        if (height > number_in(*page, "height")) return 0;
    }
}

int run_explain_posting(const Asked& asked) {
    auto client = Client::connect(asked.node, asked.tls);
    if (!client) return complain(client.error());
    const auto answer = client->get("/v1/postings/" + url_escaped(asked.what));
    if (!answer) return complain(answer.error());
    fmt::print("{}", asked.json ? pretty(*answer) + "\n" : explanation(*answer, asked.explain));
    return 0;
}

/// A file that the node makes, hexadecimal in its answer, to the disk; says how to check it.
int save_proof(const Asked& asked, const std::string& target, std::string_view member) {
    auto client = Client::connect(asked.node, asked.tls);
    if (!client) return complain(client.error());
    const auto answer = client->get(target + when(asked, '?'));
    if (!answer) return complain(answer.error());
    Bytes file;
    if (!unhex(text_in(*answer, member), file)) return complain({NodeCode::BadAnswer, {}});
    if (const auto problem = write_new_file(asked.out, as_text(file), 0644)) return complain(*problem);
    fmt::print("{}: {} bytes\n", asked.out, file.size());
    if (when(asked, '?').empty())
        fmt::print("height {}, root {}\ncheck it: tally-verify {} --root {}\n", number_in(*answer, "height"), text_in(*answer, "root"), asked.out, text_in(*answer, "root"));
    return 0;
}

/// A command that asks.
CLI::App* question(CLI::App& app, const AskedPtr& asked, const char* name, const char* help,
                   int (*run)(const Asked&)) {
    CLI::App* const command = app.add_subcommand(name, help);
    add_connection(*command, *asked);
    command->callback([asked, run] { throw CLI::RuntimeError(run(*asked)); });
    return command;
}

} // namespace

Result<Bytes> arguments_for(LedgerSession& session, InstanceId instance, const std::string& entry,
                            const std::string& json) {
    const auto target = session.instance(instance);
    if (!target) return target.error();
    const auto program = session.program(target->code);
    if (!program) return program.error();
    const Contract* const contract = find_contract((*program)->module, target->contract);
    const Entry* const found = contract != nullptr ? find_entry(*contract, entry) : nullptr;
    if (found == nullptr)
        return NodeError{NodeCode::BadInput, "`" + target->contract + "` has no `" + entry + "`"};
    return encode_arguments(**program, *found, json, money_exponent(target->currency),
                            session.party_lookup());
}

void add_connection(CLI::App& command, LedgerOptions& options) {
    command.add_option("--node", options.node, "address of the node")->capture_default_str();
    command.add_option("--tls-certificate", options.tls.certificate, "yours, for https:// (PEM)");
    command.add_option("--tls-key", options.tls.key, "its key, readable by its owner only (PEM)");
    command.add_option("--tls-authority", options.tls.authorities, "who signs the node's certificate (PEM)");
}

void add_queries(CLI::App& app) {
    const auto asked = std::make_shared<Asked>();
    question(app, asked, "status", "where the ledger stands",
             [](const Asked& a) { return show_get(a, "/v1/status"); });

    CLI::App* const query =
        question(app, asked, "query", "show one thing of the ledger", run_query);
    query->add_option("KIND", asked->kind, "instance, party, account, institution, institutions, rights or block")
        ->required()
        ->check(CLI::IsMember({"instance", "party", "account", "institution", "institutions", "rights", "block"}));
    query
        ->add_option("WHAT", asked->what, "its number or name; of an account, its owner's name too");
    query->add_option("--currency", asked->currency, "of an owner's account");

    CLI::App* const view = question(app, asked, "view", "ask a view of an instance", run_view);
    view->add_option("INSTANCE", asked->instance, "its number")->required();
    view->add_option("ENTRY", asked->entry, "the view")->required();
    view->add_option("ARGUMENTS", asked->arguments, "JSON, by parameter")->capture_default_str();

    CLI::App* const events =
        question(app, asked, "events", "events, one JSON object a line", run_events);
    events->add_option("--from", asked->from, "first height")->capture_default_str();

    CLI::App* const receipt =
        question(app, asked, "receipt", "what became of an intent", [](const Asked& a) {
            return show_get(a, "/v1/receipts/" + url_escaped(a.what), "receipt");
        });
    receipt->add_option("INTENT", asked->what, "32 hexadecimal digits")->required();

    CLI::App* const posting = question(app, asked, "explain-posting", "where a posting's amount came from: shares, rounding, clauses, the transaction", run_explain_posting);
    posting->add_option("ID", asked->what, "HEIGHT.ITEM.NUMBER; HEIGHT.ITEM or an intent lists the postings of an item")->required();
    posting->add_flag("--json", asked->json, "as the node answers it");
    posting->add_flag("--all", asked->explain.all, "the whole tree: also zeros, numbers of the code and what lies deep");
    posting->add_option("--source", asked->explain.source, "a file or folder of contracts, whose lines are shown");

    CLI::App* const statement = question(app, asked, "statement", "a party's whole book, with its proof, to a file", [](const Asked& a) {
        return save_proof(a, "/v1/statements/" + url_escaped(a.what), "statement");
    });
    statement->add_option("PARTY", asked->what, "its name or number")->required();
    CLI::App* const proof = question(app, asked, "proof", "a transaction's receipt, with its proof, to a file", [](const Asked& a) {
        return save_proof(a, "/v1/proofs/receipts/" + url_escaped(a.what), "proof");
    });
    proof->add_option("INTENT", asked->what, "32 hexadecimal digits")->required();
    for (CLI::App* const command : {statement, proof})
        command->add_option("--out", asked->out, "the file to make")->required();
    for (CLI::App* const command : {query, view, statement, proof}) {
        command->add_option("--at-height", asked->at_height, "as the ledger was after this block; else as it is now");
        command->add_option("--on", asked->on, "as it was at the end of this business date, YYYY-MM-DD");
    }
}

} // namespace tally
