// `tally sandbox`: a ledger in memory that takes one command a line as JSON and answers one a line.
#include "tools/commands.hpp"
#include "tools/source_files.hpp"

#include "runtime/json_reader.hpp"
#include "runtime/json_text.hpp"
#include "runtime/sandbox.hpp"
#include "vm/bytecode/tables.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <charconv>
#include <iostream>
#include <map>

namespace tally {
namespace {

/// What a command lacks or has wrong; it ends the command.
struct Mistake {
    std::string what;
};

const Json* member(const Json& command, std::string_view name, Json::Kind kind, const char* form) {
    const Json* const found = command.member(name);
    if (found != nullptr && found->kind != kind) throw Mistake{"`" + std::string(name) + "` is " + form};
    return found;
}

std::string text_of(const Json& command, std::string_view name) {
    const Json* const found = member(command, name, Json::Kind::Text, "a text");
    return found == nullptr ? std::string() : found->text;
}

std::string needed_text(const Json& command, std::string_view name) {
    const std::string text = text_of(command, name);
    return text.empty() ? throw Mistake{"`" + std::string(name) + "` is missing"} : text;
}

/// The number of an instance, or the same as text.
u64 instance_of(const Json& command, std::string_view name) {
    const Json* const found = command.member(name);
    const bool number = found != nullptr && (found->kind == Json::Kind::Number || found->kind == Json::Kind::Text);
    u64 out = 0;
    const auto read = number ? std::from_chars(found->text.data(), found->text.data() + found->text.size(), out) : std::from_chars_result{nullptr, std::errc::invalid_argument};
    if (read.ec != std::errc() || read.ptr != found->text.data() + found->text.size()) throw Mistake{"`" + std::string(name) + "` is the number of an instance"};
    return out;
}

std::string arguments_of(const Json& command) {
    const Json* const arguments = member(command, "args", Json::Kind::Object, "an object: {\"parameter\": value, …}");
    return arguments == nullptr ? "{}" : json_text(*arguments);
}

/// `"as": ["ann"]`, `"cash": [{"amount": "10.00", "currency": "EUR"}]`, `"args": {…}`
Sandbox::Request request_of(const Json& command) {
    Sandbox::Request out;
    out.arguments = arguments_of(command);
    if (const Json* const as = member(command, "as", Json::Kind::Array, "a list of parties: [\"ann\"]"))
        for (const Json& one : as->items) {
            if (one.kind != Json::Kind::Text) throw Mistake{"`as` is a list of parties: [\"ann\"]"};
            out.signers.push_back(one.text);
        }
    if (const Json* const cash = member(command, "cash", Json::Kind::Array, "a list: [{\"amount\": \"10.00\", \"currency\": \"EUR\"}]"))
        for (const Json& one : cash->items) out.cash.push_back({needed_text(one, "amount"), needed_text(one, "currency")});
    return out;
}

using Handler = Sandbox::Answer (*)(Sandbox&, const Json&);

const std::map<std::string, Handler, std::less<>>& handlers() {
    static const std::map<std::string, Handler, std::less<>> table{
        {"reset", [](Sandbox& s, const Json&) { return s.reset(); }},
        {"party", [](Sandbox& s, const Json& c) { return s.party(needed_text(c, "name")); }},
        {"create", [](Sandbox& s, const Json& c) { return s.create(needed_text(c, "contract"), text_of(c, "currency"), c.member("parent") == nullptr ? 0 : instance_of(c, "parent"), request_of(c)); }},
        {"call", [](Sandbox& s, const Json& c) { return s.call(instance_of(c, "of"), needed_text(c, "action"), request_of(c)); }},
        {"view", [](Sandbox& s, const Json& c) { return s.view(instance_of(c, "of"), needed_text(c, "view"), arguments_of(c)); }},
        {"look", [](Sandbox& s, const Json& c) { return s.look(instance_of(c, "of")); }},
        {"balance", [](Sandbox& s, const Json& c) { return s.balance(needed_text(c, "party"), needed_text(c, "currency")); }},
        {"advance", [](Sandbox& s, const Json& c) { return s.advance(needed_text(c, "to")); }},
    };
    return table;
}

Sandbox::Answer answer_to(Sandbox& sandbox, const std::string& line) {
    const auto command = parse_json(line);
    if (!command || command->kind != Json::Kind::Object) return Sandbox::refused("a command is a JSON object on one line: {\"do\": \"create\", …}");
    try {
        const auto found = handlers().find(text_of(*command, "do"));
        if (found != handlers().end()) return found->second(sandbox, *command);
    } catch (const Mistake& mistake) {
        return Sandbox::refused(mistake.what);
    }
    std::string known;
    for (const auto& [name, handler] : handlers()) known += (known.empty() ? "" : ", ") + name;
    return Sandbox::refused("`do` is one of " + known);
}

std::string rendered(const Sandbox::Answer& answer) {
    JsonObject out;
    if (!answer.good()) {
        const TrapInfo* const trap = trap_info(answer.trap);
        out.text("trap", trap != nullptr ? trap->name : "None").text("error", answer.error).text("note", answer.note);
    } else {
        if (answer.created != 0) out.number("created", answer.created);
        out.raw("result", answer.result);
    }
    return out.raw("events", answer.events).number("gas", answer.gas_used).done();
}

int run_sandbox(const std::vector<std::string>& paths) {
    const auto modules = build_modules(paths);
    if (!modules) return 1;
    Sandbox sandbox(bytes_of(*modules));
    if (const auto begun = sandbox.reset(); !begun.good()) {
        fmt::print(stderr, "error: {}\n", begun.note);
        return 1;
    }
    for (std::string line; std::getline(std::cin, line);) {
        fmt::print("{}\n", rendered(answer_to(sandbox, line)));
        std::fflush(stdout);
    }
    return 0;
}

} // namespace

void add_sandbox_command(CLI::App& app) {
    auto paths = std::make_shared<std::vector<std::string>>();
    auto* command = app.add_subcommand("sandbox", "a ledger in memory: takes a command a line as JSON, answers one a line (docs/sandbox.md)");
    command->add_option("paths", *paths, "files or folders with the contracts")->required();
    command->callback([paths] { throw CLI::RuntimeError(run_sandbox(*paths)); });
}

} // namespace tally
