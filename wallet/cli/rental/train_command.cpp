#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "market/lease_draw.hpp"
#include "market/rules/lease_rules.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/rental/train_job.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds pause{250};
constexpr std::uint32_t usual_decoys = 2;

struct Words {
    TrainingWords training;
    RentOptions rent;
    std::string budget, max_rate, fee, bond, holdout, out;
    std::uint64_t expires_s = 86'400;
};

/// What the words leave open of an order: as many segments as can be, at least one for each that is
/// executed again, and the network's least of samples.
void complete(const Session& session, const Words& words, market::GpuOrder& order)
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

void print_gain(const json& before, const json& after)
{
    std::cout << fmt::format("{:<20} {:>10} {:>10}\n", "on the holdout", "before", "after");
    for (const auto& [name, measure] : after.items())
        std::cout << fmt::format("{:<20} {:>10.4f} {:>10.4f}\n", name,
                                 before.value(name, json::object()).value("value", 0.0),
                                 measure.value("value", 0.0));
}

void train(const Session& session, Words& words)
{
    auto& options = words.rent;
    if (!words.training.batches.empty() &&
        words.training.master.empty() == words.training.sale.empty())
        fail(Fault::usage, "--batch wants the key that opens it: --master NAME or --sale ID");
    if (options.work.folder.empty()) options.work.folder = words.out + ".job";
    options.work.folder /= "training";  // nothing else is in there, whatever folder was named
    prepare(options.work);
    const auto party = party_of(session);
    make_job(party, words.training, options);
    complete(session, words, options.order);
    json before = nullptr;
    auto held_out = words.training.samples;
    held_out.path = words.holdout;
    if (!words.holdout.empty()) before = measured(words.training.model, held_out);

    LeaseTenant tenant{party, options};
    const auto fees = options.order.verify.fee.times(options.order.verify.samples);
    session.confirm("Lock " + tokens(options.order.escrow) + " for the time and " +
                    tokens(fees.value_or(ledger::Amount{})) +
                    " for who executes parts of it again? What is not spent returns");
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
        session, pause,
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
    report["out"] = words.out;
    report["before"] = before;
    report["after"] = words.holdout.empty() ? json{} : measured(words.out, held_out);
    session.show(report, [&] {
        const auto paid = tenant.lease().rate.times(tenant.lease().paid_s);
        std::cout << "written  " << words.out << "\npaid     "
                  << tokens(paid.value_or(ledger::Amount{})) << " for " << tenant.lease().paid_s
                  << " s\nlease    " << report.value("status", "") << ", "
                  << report.value("outcome", "") << "\n";
        if (!words.holdout.empty()) print_gain(before, report["after"]);
    });
}

void add_words(CLI::App& app, Words& words)
{
    auto& training = words.training;
    auto& order = words.rent.order;
    app.add_option("MODEL", training.model, "ONNX file that is trained")->required();
    app.add_option("--out", words.out, "where the trained model goes")->required();
    samples::add_sample_arguments(app, training.samples);
    if (auto* data = app.get_option_no_throw("--data")) data->required(false);
    app.add_option("--batch", training.batches, "folder of a sealed batch; may be repeated")
        ->group("Samples");
    app.add_option("--master", training.master, "name of the master key that opens the batches")
        ->group("Samples");
    app.add_option("--sale", training.sale, "purchase whose released keys open the batches")
        ->group("Samples");
    app.add_option("--test", training.test, "part that is left out: 20% or 1000")->group("Samples");
    app.add_option("--split-seed", training.split_seed, "of that part")->group("Samples");
    app.add_option(
           "--holdout", words.holdout,
           "samples of your own, never sent: the model is measured on them before and after")
        ->group("Samples");
    app.add_option("--recipe", training.recipe, "JSON file: loss, optimiser, schedule and so on")
        ->group("Recipe");
    app.add_option("--steps", training.steps, "of the whole training")->group("Recipe");
    app.add_option("--threads", training.threads, "of a provider; with other numbers other bits")
        ->check(CLI::Range(1U, 1024U))
        ->capture_default_str()
        ->group("Recipe");
    app.add_flag("--head-only", training.head_only, "train only the last layer")->group("Recipe");

    app.add_option("--budget", words.budget, "tokens: the most that the time may cost")
        ->required()
        ->group("Lease");
    app.add_option("--max-rate", words.max_rate, "tokens a second")->required()->group("Lease");
    app.add_option("--class", order.verify.arch_class, "of provider and verifiers")
        ->required()
        ->group("Lease");
    app.add_option("--segment", order.job.segment_steps, "steps that are committed to at once")
        ->group("Lease");
    app.add_option("--samples", order.verify.samples,
                   "segments executed again; the network's least")
        ->group("Lease");
    app.add_option("--window", order.verify.window_s,
                   "seconds for those reports; 0: the network's least")
        ->group("Lease");
    app.add_option("--report-fee", words.fee, "tokens for each")
        ->default_val("0.01")
        ->group("Lease");
    app.add_option("--decoys", order.verify.planted, "planted against lazy verifiers")
        ->default_val(usual_decoys)
        ->group("Lease");
    app.add_option("--bond", words.bond, "tokens: least that a bid puts up")->group("Lease");
    app.add_option("--notice", order.reclaim_s, "least seconds of notice by the provider")
        ->group("Lease");
    app.add_option("--need-memory-mib", order.need.memory_mib)->group("Lease");
    app.add_option("--need-gflops", order.need.gflops)->group("Lease");
    app.add_option("--board", order.board,
                   "URL of the node where the parties meet; the one that is asked, when left out")
        ->group("Lease");
    app.add_option("--bids", words.rent.bids_s, "seconds that bids are waited for after the first")
        ->capture_default_str()
        ->group("Lease");
    app.add_option("--patience", words.rent.patience_s, "seconds until a first bid")
        ->capture_default_str()
        ->group("Lease");
    app.add_option(
           "--trust", words.rent.trust_s,
           "seconds that are paid for after a checkpoint without another: more than a segment "
           "takes")
        ->capture_default_str()
        ->group("Lease");
}

}  // namespace

void add_train_command(CLI::App& app, Session& session)
{
    auto words = std::make_shared<Words>();
    auto* train_app =
        app.add_subcommand("train", "Train a model on rented time, and check the work");
    train_app->footer(
        "Orders the time, takes the cheapest bid, seals model and samples to that provider alone,\n"
        "pays for each interval, checks the result against what the provider committed to, and "
        "has\n"
        "parts executed again by others. The same command goes on after an interruption: --work\n"
        "says where (OUT.job). Keep it running: without it the provider is not paid, and stops.\n"
        "Example: millrace train digits.onnx --data train-images-idx3-ubyte --recipe recipe.json "
        "\\\n"
        "             --steps 5000 --budget 5 --max-rate 0.001 --class cpu --holdout holdout/ \\\n"
        "             --out better.onnx");
    add_words(*train_app, *words);
    add_work_options(*train_app, words->rent.work);
    train_app->callback([=, &session] { train(session, *words); });
}

}  // namespace wallet::cli
