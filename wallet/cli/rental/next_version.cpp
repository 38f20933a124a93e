#include "wallet/cli/rental/next_version.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/split_table.hpp"
#include "market/state/data_records.hpp"
#include "wallet/cli/evaluations.hpp"

#include <algorithm>

namespace wallet::cli {
namespace {

using market::DatasetWeight;

/// Weights are relative; this much is shared out between those of one source.
constexpr auto weights_whole = ledger::Amount::micros(1'000'000);
constexpr std::uint32_t usual_data_ppm = 200'000;
constexpr market::BasisPoints most_silent_royalty{1'000};

/// Of what is there in `amounts`, shares that come to about the whole; none is nothing.
std::vector<DatasetWeight> shared_out(
    const std::vector<std::pair<market::DatasetId, std::uint64_t>>& amounts)
{
    std::uint64_t sum = 0;
    for (const auto& [dataset, amount] : amounts) sum += amount;
    std::vector<DatasetWeight> made;
    for (const auto& [dataset, amount] : amounts) {
        const auto part =
            weights_whole.share_down(amount, std::max<std::uint64_t>(sum, 1)).micros();
        made.push_back({dataset, static_cast<std::uint32_t>(std::max<std::uint64_t>(part, 1))});
    }
    return made;
}

void add(std::vector<DatasetWeight>& to, const std::vector<DatasetWeight>& more)
{
    for (const auto& entry : more) {
        const auto same = std::ranges::find(to, entry.dataset, &DatasetWeight::dataset);
        if (same == to.end())
            to.push_back(entry);
        else
            same->weight += entry.weight;
    }
}

inference::ModelSummary summary_of(const std::string& file)
{
    return must(inference::inspect_model(read_input(file, inference::ModelLimits{}.file_bytes)));
}

/// Those that the ledger can hold.
std::vector<Metric> card_metrics(const evaluation::Report& report)
{
    std::vector<Metric> metrics;
    for (const auto& [name, measure] : report.results.metrics)
        if (const auto value = millionths(measure.value)) metrics.push_back({name, *value});
    return metrics;
}

}  // namespace

NextVersion::NextVersion(const Session& session, const NextVersionWords& words,
                         const std::string& base_file,
                         const std::vector<std::filesystem::path>& batches)
    : session_{session}, words_{words}, base_{summary_of(base_file)}
{
    line_ = line_of(session, session.account().address, words.name);
    terms_ = words.version.terms(session);
    if (line_.newest) {
        const auto& newest = line_.newest->version;
        if (terms_.price_sheet.parts.empty()) terms_.price_sheet = price_of(session, *line_.newest);
        if (terms_.license.empty()) terms_.license = newest.license;
        if (!words.version.min_derivative_bps)
            terms_.min_derivative_bps = newest.min_derivative_bps;
    }
    if (terms_.price_sheet.parts.empty() || terms_.license.empty())
        fail(Fault::usage, "the first version of " + words.name + " wants --price and --license");
    inherit();
    if (words.version.datasets.empty()) add_datasets(batches);
    if (!terms_.datasets.empty() && words.version.data_ppm == 0U)
        fail(Fault::usage, "--data-ppm 0, but it was made of data that have a part in it");
    if (!terms_.datasets.empty() && terms_.data_ppm.value == 0) terms_.data_ppm = {usual_data_ppm};
    if (terms_.datasets.size() > market::SplitLimits::datasets)
        fail(Fault::usage, "a version shares with at most " +
                               std::to_string(market::SplitLimits::datasets) +
                               " datasets: say which, with --dataset");
}

void NextVersion::inherit()
{
    const auto content = ledger::retag<market::ContentId>(base_.content_id);
    if (const auto own = version_with(session_, line_, content)) return hand_on(own->version);
    const auto first = session_.record<market::ContentRecord>(content);
    if (!first) return;
    const auto known = session_.record<market::VersionRecord>({first->model, first->ver});
    if (!known) return;
    if (known->owner == session_.account().address) return hand_on(known->version);
    is_base_known_ = true;
    if (!words_.version.parents.empty()) return;
    // Whoever was first with these bytes need not have made them: much is asked for only knowingly.
    const auto royalty = known->version.min_derivative_bps;
    if (royalty > most_silent_royalty)
        fail(Fault::refused, "the model that training begins with is another's, who asks for " +
                                 std::to_string(royalty.value) + " bps: to agree say --parent " +
                                 ledger::to_hex0x(first->model.view()) + "@" +
                                 std::to_string(first->ver.value) + "=" +
                                 std::to_string(royalty.value));
    terms_.parents.push_back({first->model, first->ver, royalty});
}

/// What the account's own version owed.
void NextVersion::hand_on(const market::ModelVersion& own)
{
    is_base_known_ = true;
    if (words_.version.parents.empty()) terms_.parents = own.parents;
    if (!words_.version.data_ppm) terms_.data_ppm = own.data_ppm;
    if (!words_.version.datasets.empty()) return;
    std::vector<std::pair<market::DatasetId, std::uint64_t>> amounts;
    for (const auto& entry : own.datasets) amounts.emplace_back(entry.dataset, entry.weight);
    terms_.datasets = shared_out(amounts);
}

/// Batches of no dataset on the ledger are the tenant's own matter.
void NextVersion::add_datasets(const std::vector<std::filesystem::path>& batches)
{
    std::map<market::DatasetId, std::uint64_t> bytes;
    for (const auto& folder : batches) {
        const auto manifest = must(BatchFolder::open(folder)).manifest();
        const auto dataset = ledger::retag<market::DatasetId>(manifest.dataset);
        if (session_.record<market::Dataset>(dataset)) bytes[dataset] += manifest.bytes;
    }
    add(terms_.datasets, shared_out({bytes.begin(), bytes.end()}));
}

void NextVersion::rehearse() const
{
    const auto& host = words_.version.host;
    if (!host.empty() && !session_.record<market::Host>(session_.address_of(host)))
        fail(Fault::refused, host + " is no registered host; see: millrace host register");
    const auto account = session_.account();
    if (!line_.record) {
        session_.send(line_registration(words_.name, words_.version.description), account,
                      session_.unlock(account));
        session_.note("registered: " + words_.name);
    }
    // With the weights that training begins with: all else is what it will be.
    auto version = terms_;
    version.model = line_.model;
    version.ver = line_.next();
    version.content_id = ledger::retag<market::ContentId>(base_.content_id);
    version.format = "onnx";
    const auto said = must(session_.client().simulate(account.address, market::Message{version}));
    if (said.rejection != market::Rejection::none)
        throw Failure{Fault::refused,
                      "it could not be published: " + in_words(said.rejection),
                      {{"rejection", ledger::codec::to_json(said.rejection)}, {"sent", false}}};
}

std::string NextVersion::terms_text() const
{
    auto text = words_.name + " version " + std::to_string(line_.next().value);
    if (!is_base_known_) text += ", made from a model that is on no ledger";
    for (const auto& parent : terms_.parents)
        text += ", " + std::to_string(parent.royalty_bps.value) + " bps to " +
                ledger::to_hex0x(parent.model.view()) + "@" + std::to_string(parent.ver.value);
    if (!terms_.datasets.empty())
        text += ", " + std::to_string(terms_.data_ppm.value) + " ppm to " +
                std::to_string(terms_.datasets.size()) + " dataset" +
                (terms_.datasets.size() == 1 ? "" : "s");
    return text;
}

json NextVersion::card(const inference::ModelSummary& made, const std::optional<Measured>& after,
                       std::string semver, const market::GpuOrder& order,
                       const LeaseTenant& tenant) const
{
    CardFacts facts{words_.name,
                    std::move(semver),
                    words_.version.description,
                    terms_.license,
                    labels_of(words_.class_names),
                    {},
                    0};
    if (after) {
        facts.metrics = card_metrics(after->report);
        facts.samples = after->report.results.samples;
    }
    auto text = card_json(made, facts);
    text["train"] = {{"startedFrom", ledger::to_hex0x(base_.content_id.view())},
                     {"recipeHash", ledger::to_hex0x(order.job.recipe.view())},
                     {"dataRoot", ledger::to_hex0x(order.job.data_root.view())},
                     {"seed", order.job.seed},
                     {"steps", order.job.total_steps},
                     {"order", ledger::to_hex0x(tenant.id().view())},
                     {"outcome", ledger::codec::to_json(tenant.lease().outcome)}};
    return text;
}

json NextVersion::publish(const std::string& file, const market::GpuOrder& order,
                          const LeaseTenant& tenant, const std::optional<Measured>& after,
                          const std::optional<Gain>& gain) const
{
    const auto& lease = tenant.lease();
    if (lease.outcome != market::LeaseOutcome::verified)
        fail(Fault::unverified, "not published: nobody has verified the work");
    if (lease.segments < market::job_segments(order.job))
        fail(Fault::refused, "not published: the lease ended before the training");
    if (gain && gain->verdict == evaluation::Verdict::worse)
        fail(Fault::refused, "not published: it is worse than what training began with");
    if (words_.only_if_better && (!gain || gain->verdict != evaluation::Verdict::better))
        fail(Fault::refused, "not published: it is not shown to be better");

    const auto summary = summary_of(file);
    const auto content = ledger::retag<market::ContentId>(summary.content_id);
    const auto there = version_with(session_, line_, content);
    const auto ver = there ? there->version.ver : line_.next();
    auto semver = words_.version.semver;
    if (semver.empty())  // a retrained model is a new minor version of its line
        semver = "1." + std::to_string(ver.value - 1) + ".0";
    Publication made;
    made.name = words_.name;
    made.version = terms_;
    made.version.content_id = content;
    made.version.format = "onnx";
    made.version.io_schema = json_hash(io_json(summary.io));
    if (after) {
        auto report = after->report;
        report.evaluator = ledger::to_checksum(session_.account().address);
        made.evaluations = evaluations_of(report, {});
    }
    made.card = card(summary, after, semver, order, tenant);
    made.card_file =
        words_.version.card_file.empty() ? file + ".card.json" : words_.version.card_file;
    made.description = words_.version.description;
    made.alias = words_.version.alias;
    made.alias_reason = "trained, " + semver;
    made.host = words_.version.host;
    made.host_ppm = words_.version.host_ppm;
    made.agreement_file = file + ".agreement.json";
    return cli::publish(session_, made, SameWeights::go_on);
}

}  // namespace wallet::cli
