#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "market/lease_draw.hpp"
#include "market/rules/lease_rules.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/rental/train_words.hpp"

#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds train_pause{250};

/// What the words leave open of an order: as many segments as can be, at least one for each that is
/// executed again, and the network's least of samples.
void complete(const Session& session, const TrainWords& words, market::GpuOrder& order)
{
    const auto& params = session.network()->params().lease;
    order.max_rate = amount_of(words.max_rate, "--max-rate");
    order.escrow = amount_of(words.budget, "--budget");
    order.verify.fee = amount_of(words.fee, "--report-fee");
    if (!words.bond.empty()) order.verify.bond = amount_of(words.bond, "--bond");
    if (order.verify.samples == 0) order.verify.samples = params.samples;
    if (order.verify.samples < params.samples ||
        order.verify.samples > market::LeaseLimits::samples)
        fail(Fault::usage, "--samples is " + std::to_string(params.samples) + " to " +
                               std::to_string(market::LeaseLimits::samples) + " on this network");
    auto& job = order.job;
    if (job.segment_steps == 0)
        job.segment_steps = std::max<std::uint64_t>(
            1, job.total_steps / std::max<std::uint64_t>(4 * order.verify.samples, 1));
    const auto segments = market::job_segments(job);
    if (order.verify.planted > segments)
        order.verify.planted = static_cast<std::uint32_t>(segments);
    if (order.board.empty()) order.board = session.settings.node;
    must(parse_url(order.board));
    order.expires = now_ms().value / 1'000 + words.expires_s;
}

json report_of(const Session& session, const LeaseTenant& tenant)
{
    const auto& lease = tenant.lease();
    const auto paid = lease.rate.times(lease.paid_s);
    return {{"order", ledger::to_hex0x(tenant.id().view())},
            {"provider", ledger::codec::to_json(lease.provider)},
            {"status", ledger::codec::to_json(lease.status)},
            {"outcome", ledger::codec::to_json(lease.outcome)},
            {"reason", ledger::codec::to_json(lease.reason)},
            {"segments", lease.segments},
            {"paidS", lease.paid_s},
            {"paid", ledger::codec::to_json(paid.value_or(ledger::Amount{}))},
            {"work", session.home().string()}};
}

void print_gain(const json& report)
{
    const auto& before = report["before"];
    std::cout << fmt::format("{:<20} {:>10} {:>10}\n", "on the holdout", "before", "after");
    for (const auto& [name, measure] : report["after"].items())
        std::cout << fmt::format("{:<20} {:>10.4f} {:>10.4f}\n", name,
                                 before.value(name, json::object()).value("value", 0.0),
                                 measure.value("value", 0.0));
    const auto& gain = report["gain"];
    std::cout << fmt::format("it is {} by {} (p {:.4g})\n", gain.value("verdict", ""),
                             gain.value("metric", ""), gain.value("p", 1.0));
}

/// What the model that came is worth, and its place on the ledger.
void show_result(const Session& session, const TrainWords& words, const LeaseTenant& tenant,
                 json report, const std::optional<Measured>& before,
                 const std::function<std::unique_ptr<NextVersion>()>& next_version)
{
    std::optional<Measured> after;
    std::optional<Gain> gain;
    if (before) {
        after = measured(words.out, words.holdout_samples());
        gain = gain_of(*before, *after);
    }
    report["out"] = words.out;
    report["before"] = before ? metrics_json(before->report) : json{};
    report["after"] = after ? metrics_json(after->report) : json{};
    report["gain"] = gain ? gain_json(*gain) : json{};
    std::optional<Failure> unpublished;
    if (!words.next.name.empty()) {
        try {
            report["published"] =
                next_version()->publish(words.out, words.rent.order, tenant, after, gain);
        } catch (const Failure& failure) {
            unpublished = Failure{failure.fault, failure.message, report};
        }
    }
    const auto print = [&] {
        const auto paid = tenant.lease().rate.times(tenant.lease().paid_s);
        std::cout << "written  " << words.out << "\npaid     "
                  << tokens(paid.value_or(ledger::Amount{})) << " for " << tenant.lease().paid_s
                  << " s\nlease    " << report.value("status", "") << ", "
                  << report.value("outcome", "") << "\n";
        if (gain) print_gain(report);
        if (report.contains("published")) print_published(report["published"]);
    };
    if (!unpublished) return session.show(report, print);
    if (!session.settings.json) print();
    throw *unpublished;
}

void train(const Session& session, TrainWords& words)
{
    auto& options = words.rent;
    if (!words.training.batches.empty() &&
        words.training.master.empty() == words.training.sale.empty())
        fail(Fault::usage, "--batch wants the key that opens it: --master NAME or --sale ID");
    if (words.next.only_if_better && words.holdout.empty())
        fail(Fault::usage, "--only-if-better wants samples to tell by: --holdout PATH");
    if (options.work.folder.empty()) options.work.folder = words.out + ".job";
    options.work.folder /= "training";  // nothing else is in there, whatever folder was named
    prepare(options.work);
    const auto party = party_of(session);
    make_job(party, words.training, options);
    complete(session, words, options.order);
    // Only before it is ordered: a lease that runs must not be kept waiting for its vouchers.
    const bool is_new = !LeaseTenant::has_ordered(options.work.folder);
    const auto next_version = [&] {
        return std::make_unique<NextVersion>(session, words.next, words.training.model,
                                             options.data);
    };
    std::unique_ptr<NextVersion> planned;
    std::optional<Measured> before;
    if (is_new) {
        if (!words.skip_trial) try_first_step(party, options);
        if (!words.holdout.empty())
            before = measured(words.training.model, words.holdout_samples());
        if (!words.next.name.empty()) planned = next_version();
    }

    LeaseTenant tenant{party, options};
    const auto fees = options.order.verify.fee.times(options.order.verify.samples);
    session.confirm("Lock " + tokens(options.order.escrow) + " for the time and " +
                    tokens(fees.value_or(ledger::Amount{})) +
                    " for who executes parts of it again? What is not spent returns" +
                    (planned ? ". It is published as " + planned->terms_text() : std::string{}));
    if (planned) planned->rehearse();
    const UntilAsked until;
    bool is_over = false;
    bool is_ordered = false;
    std::optional<Failure> refused;
    const auto order = [&] {
        try {
            tenant.order();
            is_ordered = true;
        } catch (const Failure& failure) {
            // What the rules refuse once they refuse again; of an order that stands this is not it.
            const bool is_final = failure.fault == Fault::refused || failure.fault == Fault::usage;
            if (!is_final || !tenant.id().is_zero()) throw;
            refused = failure;
        }
    };
    keep_going(
        session, train_pause,
        [&] {
            if (!is_ordered) order();
            return refused || (is_over = tenant.tick());
        },
        until);
    if (refused) throw *refused;
    if (tenant.given_up()) throw *tenant.given_up();
    if (!is_over)
        fail(Fault::timeout,
             "interrupted: the same command goes on where it was; without it the "
             "provider stops when the time that was paid for is over");

    auto report = report_of(session, tenant);
    report["work"] = options.work.folder.string();
    if (!tenant.has_result()) throw Failure{Fault::failed, "the lease brought no model", report};
    std::error_code problem;
    fs::copy_file(tenant.model(), words.out, fs::copy_options::overwrite_existing, problem);
    if (problem) fail(Fault::failed, words.out + ": " + problem.message());
    if (!before && !words.holdout.empty())
        before = measured(words.training.model, words.holdout_samples());
    show_result(session, words, tenant, std::move(report), before, next_version);
}

}  // namespace

void add_train_command(CLI::App& app, Session& session)
{
    auto words = std::make_shared<TrainWords>();
    auto* train_app =
        app.add_subcommand("train", "Train a model on rented time, and check the work");
    train_app->footer(
        "Orders the time, takes the cheapest bid, seals model and samples to that provider alone,\n"
        "pays for each interval, checks the result against what the provider committed to, and "
        "has\n"
        "parts executed again by others. The same command goes on after an interruption: --work\n"
        "says where (OUT.job). Keep it running: without it the provider is not paid, and stops.\n"
        "With --publish the owner of the model that it began with, and the contributors of the "
        "data\n"
        "in --batch earn on each later call; what the words leave open is as in the version "
        "before.\n"
        "Example: millrace train digits.onnx --data train-images-idx3-ubyte --recipe recipe.json "
        "\\\n"
        "             --steps 5000 --budget 5 --max-rate 0.001 --class cpu --holdout holdout/ \\\n"
        "             --out better.onnx");
    words->add_to(*train_app);
    add_work_options(*train_app, words->rent.work);
    train_app->callback([=, &session] { train(session, *words); });
}

}  // namespace wallet::cli
