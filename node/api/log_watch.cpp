#include "node/api/log_watch.hpp"

#include "node/log.hpp"

namespace tally {
namespace {

using log::Level;

std::string trap_name(const Receipt& receipt) {
    const TrapInfo* const info = trap_info(receipt.trap);
    return std::string(info != nullptr ? info->name : "None");
}

} // namespace

void LogWatch::taken(const SignedTransaction& transaction) {
    if (!log::shows(Level::Info)) return;
    const Transaction& body = transaction.transaction;
    log::line(Level::Info, "transaction taken", {{"intent", hex(body.intent)}, {"tx", hex(transaction.id)}, {"sender", body.signers.front()}});
}

void LogWatch::refused(const SignedTransaction* transaction, const NodeError& error) {
    if (!log::shows(Level::Info)) return;
    const std::string intent = transaction != nullptr ? hex(transaction->transaction.intent) : "-";
    log::line(Level::Info, "transaction refused", {{"intent", intent}, {"code", node_code_info(error.code).text}, {"detail", error.detail}});
}

void LogWatch::answered(const Answer& answer) {
    if (!log::shows(Level::Info)) return;
    log::line(Level::Info, answer.duplicate ? "transaction was in block before" : "transaction in block",
              {{"intent", hex(answer.intent)}, {"height", answer.height}, {"trap", trap_name(answer.receipt)}, {"error", answer.receipt.error}, {"gas", answer.receipt.gas_used}});
}

void LogWatch::made_block(const MadeBlock& block) {
    log::line(Level::Debug, "block", {{"height", block.height}, {"transactions", block.transactions}, {"microseconds", block.whole.count()}});
}

void LogWatch::answered(const Answered& request) {
    if (!log::shows(Level::Debug)) return;
    log::line(Level::Debug, "request", {{"method", request.method}, {"route", request.route}, {"status", request.status}, {"client", request.caller.name()},
                                        {"subject", request.caller.subject}, {"target", request.target}});
}

void LogWatch::turned_away(const std::string& address, const std::string& why) { log::line(Level::Info, "client turned away", {{"client", address}, {"why", why}}); }

} // namespace tally
