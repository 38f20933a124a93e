#include "wallet/cli/evaluations.hpp"

#include "ledger/base/hex.hpp"
#include "market/rules/text.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/cli/model_names.hpp"

#include <cmath>

namespace wallet::cli {
namespace {

std::pair<std::string, std::string> parts_of(const std::string& text)
{
    const auto at = text.rfind('@');
    if (at == std::string::npos || at == 0 || at + 1 == text.size())
        fail(Fault::usage, "--register is MODEL@VERSION, as in digits@2, not " + text);
    return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

std::optional<std::uint64_t> millionths(double value)
{
    const auto scaled = std::round(value * 1e6);
    if (!(scaled >= 0 && scaled < 9e18)) return {};
    return static_cast<std::uint64_t>(scaled);
}

std::vector<market::ModelEval> evaluations_of(const evaluation::Report& report,
                                              const market::DatasetId& dataset)
{
    const auto report_hash = evaluation::hash_of(evaluation::to_json(report));
    const auto suite_hash = evaluation::hash_of(evaluation::suite_of(report));
    std::vector<market::ModelEval> made;
    for (const auto& [name, measure] : report.results.metrics) {
        const auto value = millionths(measure.value);
        if (!value || measure.n == 0 || name.size() > market::TextLimits::metric) continue;
        market::ModelEval message;
        message.suite_hash = suite_hash;
        message.dataset = dataset;
        message.metric = name;
        message.value_ppm = *value;
        message.n = measure.n;
        message.env_hash = report_hash;
        made.push_back(std::move(message));
    }
    return made;
}

EvaluationTarget::EvaluationTarget(const Session& session, const std::string& version,
                                   const inference::ContentId& content_id,
                                   const std::string& dataset)
    : session_{session}
{
    const auto [name, ver] = parts_of(version);
    account_ = session.account();
    session
        .network();  // first, so that an unreachable node is told before a passphrase is asked for
    if (!dataset.empty()) dataset_ = dataset_of(session, dataset);
    model_ = model_of(session, name);
    ver_ = version_of(session, model_, ver);
    const auto record = session.record<market::VersionRecord>({model_, ver_});
    if (!record) fail(Fault::not_found, "there is no " + version + " on the ledger");
    if (record->version.content_id.bytes != content_id.bytes)
        fail(Fault::refused, version + " has other content than this file: " +
                                 ledger::to_hex0x(record->version.content_id.view()));
    key_ = session.unlock(account_);
}

json EvaluationTarget::send(const evaluation::Report& report) const
{
    auto transactions = json::array();
    auto messages = evaluations_of(report, dataset_);
    if (const auto left = report.results.metrics.size() - messages.size(); left != 0)
        session_.note(std::to_string(left) +
                      " metrics cannot be registered: the ledger holds values from 0 on");
    for (auto& message : messages) {
        message.model = model_;
        message.ver = ver_;
        auto sent = to_json(session_.send(message, account_, *key_));
        sent["metric"] = message.metric;
        sent["valuePpm"] = message.value_ppm;
        transactions.push_back(std::move(sent));
    }
    session_.note(std::to_string(transactions.size()) + " metrics are registered");
    return {{"model", ledger::to_hex0x(model_.view())},
            {"ver", ver_.value},
            {"transactions", std::move(transactions)}};
}

}  // namespace wallet::cli
