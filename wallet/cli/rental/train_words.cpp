#include "wallet/cli/rental/train_words.hpp"

namespace wallet::cli {
namespace {

constexpr std::uint32_t usual_decoys = 2;

void add_words(CLI::App& app, TrainWords& words)
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
    app.add_flag("--skip-trial", words.skip_trial,
                 "order without doing the first step on this machine, which may be too small")
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

void add_publish_words(CLI::App& app, NextVersionWords& words)
{
    const std::string group = "Publishing";
    auto* publish = app.add_option(
        "--publish", words.name, "NAME of a model of yours that this becomes the next version of");
    publish->group(group);
    app.add_flag("--only-if-better", words.only_if_better,
                 "publish only what the holdout shows to be better, not what is merely no worse")
        ->group(group);
    app.add_option("--class-names", words.class_names, "of the card, with commas between")
        ->group(group);
    words.version.add_to(app, group);
    for (auto* option : app.get_options())
        if (option->get_group() == group && option != publish) option->needs(publish);
}

}  // namespace

samples::SampleArguments TrainWords::holdout_samples() const
{
    auto held_out = training.samples;
    held_out.path = holdout;
    return held_out;
}

void TrainWords::add_to(CLI::App& app)
{
    add_words(app, *this);
    add_publish_words(app, next);
}

}  // namespace wallet::cli
