#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/sha256.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/lease_terms.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/rental/worker.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

constexpr std::size_t recipe_bytes = 1 << 20;
constexpr std::size_t most_text = 64;  ///< of a device's names on the ledger
constexpr std::size_t model_bytes = std::size_t{2} << 30;

struct GpuOptions {
    market::GpuOffer offer;
    market::GpuOrder order;
    market::GpuBid bid;
    std::string rate, bond, escrow, fee, deposit;
    std::string model, recipe, data_root, image, attestation, id, other, entry;
    std::uint64_t expires_in = 86'400;
    std::uint64_t start_in = 600;
    std::uint32_t tolerance = 0;
    std::uint32_t threads = 0;
    bool all = false;
    bool measured = false;
    std::string trainer;
};

std::uint64_t seconds_from_now(std::uint64_t seconds)
{
    return now_ms().value / 1000 + seconds;
}

ledger::Hash hash_of(const std::string& text, const char* what)
{
    return text.empty() ? ledger::Hash{} : id_of<ledger::Hash>(text, what);
}

/// What the trainer measures of this machine, where the words do not say something else.
void measure(const Session& session, const GpuOptions& options, market::GpuOffer& offer)
{
    rental::Worker::Options worker;
    worker.program = options.trainer.empty() ? rental::program_beside("millrace-trainer")
                                             : std::filesystem::path{options.trainer};
    if (worker.program.empty())
        fail(Fault::not_found,
             "millrace-trainer is neither beside this program nor in PATH: name "
             "it with --trainer");
    worker.arguments = {"device", "--json"};
    if (options.threads != 0)
        worker.arguments.insert(worker.arguments.end(),
                                {"--threads", std::to_string(options.threads)});
    must(make_private_folder(session.home()));
    worker.output = session.home() / "device.json";
    worker.errors = session.home() / "device.err";
    session.note("measuring this machine");
    if (must(rental::Worker::start(worker))->wait() != 0)
        fail(Fault::failed, "the trainer cannot measure: " + rental::tail_of(worker.errors));
    const auto said = must(codec::parse_json(
        ledger::as_text(read_input(worker.output.string(), std::size_t{64} * 1024))));
    const auto text = [&](const char* name, std::string& to) {
        if (to.empty()) to = said.value(name, std::string{});
    };
    const auto number = [&](const char* name, std::uint64_t& to) {
        if (to == 0) to = said.value(name, std::uint64_t{0});
    };
    text("device", offer.device.model);
    offer.device.model.resize(std::min<std::size_t>(offer.device.model.size(), most_text));
    text("driver", offer.device.driver);
    offer.device.driver.resize(std::min<std::size_t>(offer.device.driver.size(), most_text));
    text("archClass", offer.profile.arch_class);
    number("memoryMib", offer.device.memory_mib);
    number("gflops", offer.profile.gflops);
    number("bandwidthMbs", offer.profile.bandwidth_mbs);
    offer.device.count = std::max(1U, said.value("count", 1U));
    offer.profile.deterministic |= said.value("deterministic", false);
}

void offer_time(Session& session, const GpuOptions& options)
{
    auto message = options.offer;
    if (options.measured) measure(session, options, message);
    if (message.device.model.empty() || message.device.memory_mib == 0 ||
        message.profile.arch_class.empty())
        fail(Fault::usage, "say --measured, or --device, --memory-mib and --class");
    message.profile.tolerance = ledger::PartsPerMillion{options.tolerance};
    message.rate = amount_of(options.rate, "--rate");
    if (!options.bond.empty()) message.bond = amount_of(options.bond, "--bond");
    message.attest_hash = hash_of(options.attestation, "hash");
    message.expires = seconds_from_now(options.expires_in);
    session.transact(message, "offered; the offer's id is this transaction's");
}

/// The job is hashes: whoever bids has what they are of.
void fill_job(market::GpuOrder& message, const GpuOptions& options)
{
    if (message.job.kind == market::JobKind::raw) return;
    if (options.model.empty() || options.recipe.empty() || options.data_root.empty())
        fail(Fault::usage, "a job wants --model, --recipe and --data-root; without one say --raw");
    message.job.graph = ledger::sha256(read_input(options.model, model_bytes));
    message.job.recipe = ledger::sha256(read_input(options.recipe, recipe_bytes));
    message.job.data_root = hash_of(options.data_root, "root");
    message.verify.fee = amount_of(options.fee, "--report-fee");
}

void order(Session& session, const GpuOptions& options, bool is_raw)
{
    auto message = options.order;
    message.job.kind = is_raw ? market::JobKind::raw : market::JobKind::train;
    if (is_raw) {
        message.job = {market::JobKind::raw, {}, {}, {}, 0, 0, 0};
        message.verify = {};
    }
    fill_job(message, options);
    message.image_hash = hash_of(options.image, "hash");
    message.max_rate = amount_of(options.rate, "--max-rate");
    message.escrow = amount_of(options.escrow, "--escrow");
    if (!options.bond.empty()) message.verify.bond = amount_of(options.bond, "--bond");
    message.expires = seconds_from_now(options.expires_in);
    const auto account = session.account();
    const auto key = session.unlock(account);
    message.verify.planted_root = decoys_of(key, message).root;
    if (!is_raw) message.beacon_commit = ledger::sha256(beacon_secret(key, message).view());
    session.transact(message, "ordered; the order's id is this transaction's");
}

/// What the tenant is owed when the lease is never started: its time of starvation at its rate.
ledger::Amount least_deposit(const Session& session, const market::GpuOrderId& id)
{
    const auto least =
        order_of(session, id).max_rate.times(session.network()->params().lease.starvation_s);
    if (!least) fail(Fault::refused, "the order's rate is beyond all money");
    return *least;
}

void bid(Session& session, const GpuOptions& options)
{
    auto message = options.bid;
    message.order = order_id_of(options.id);
    message.offer = id_of<market::GpuOfferId>(options.other, "offer");
    message.rate = amount_of(options.rate, "--rate");
    message.deposit = options.deposit.empty() ? least_deposit(session, message.order)
                                              : amount_of(options.deposit, "--deposit");
    if (!options.bond.empty()) message.bond = amount_of(options.bond, "--bond");
    message.start_by = seconds_from_now(options.start_in);
    session.transact(message, "bid; the bid's id is this transaction's");
}

market::GpuEntry entry_of(const std::string& name)
{
    const std::pair<const char*, market::GpuEntry> names[] = {{"offer", market::GpuEntry::offer},
                                                              {"order", market::GpuEntry::order},
                                                              {"bid", market::GpuEntry::bid},
                                                              {"lease", market::GpuEntry::lease}};
    for (const auto& [text, entry] : names)
        if (name == text) return entry;
    fail(Fault::usage, name + " is none of offer, order, bid, lease");
}

std::string text_of(const json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// A line for each item: its id and some of its members.
void list_items(const Session& session, const std::string& target,
                const std::vector<const char*>& members)
{
    const auto items = all_items(session, target);
    session.show({{"items", items}}, [&] {
        for (const auto& item : items) {
            std::cout << item.value("id", std::string{});
            for (const auto* name : members)
                if (item.contains(name)) std::cout << "  " << name << " " << text_of(item[name]);
            std::cout << "\n";
        }
        if (items.empty()) session.note("there are none");
    });
}

void show_item(const Session& session, const std::string& target)
{
    const auto found = must(session.client().get(target));
    session.show(found, [&] {
        for (const auto& [name, value] : found.items())
            if (!value.is_null()) std::cout << name << "  " << text_of(value) << "\n";
    });
}

void add_offer(CLI::App& gpu, Session& session, const std::shared_ptr<GpuOptions>& options)
{
    auto& message = options->offer;
    auto* app = gpu.add_subcommand("offer", "Let GPU time, by the second");
    app->footer(
        "Example: millrace gpu offer --measured --rate 0.001 --least 60 --most 86400\n"
        "         millrace gpu offer --device \"NVIDIA H200\" --memory-mib 143360 --gflops 60000 "
        "\\\n"
        "             --bandwidth-mbs 4800000 --class sm_90 --rate 0.001 --least 60 --most 86400");
    app->add_flag("--measured", options->measured,
                  "what the trainer measures of this machine, where nothing else is said");
    app->add_option("--threads", options->threads, "to measure with; 0: all processors");
    app->add_option("--trainer", options->trainer, "the program millrace-trainer");
    app->add_option("--device", message.device.model, "as its driver names it");
    app->add_option("--memory-mib", message.device.memory_mib, "of one device");
    app->add_option("--count", message.device.count, "devices")->default_val(1);
    app->add_option("--driver", message.device.driver);
    app->add_option("--region", message.device.region);
    app->add_option("--gflops", message.profile.gflops, "measured, single precision, one device");
    app->add_option("--bandwidth-mbs", message.profile.bandwidth_mbs, "measured, of its memory");
    app->add_option("--class", message.profile.arch_class,
                    "machines that compute the same bits: cpu, sm_90");
    app->add_flag("--deterministic", message.profile.deterministic, "two runs give the same bits");
    app->add_option("--tolerance-ppm", options->tolerance, "how far two runs differ, otherwise");
    app->add_option("--rate", options->rate, "tokens a second")->required();
    app->add_option("--least", message.min_s, "seconds of the shortest lease")->required();
    app->add_option("--most", message.max_s, "seconds of the longest")->required();
    app->add_option("--bond", options->bond, "least that your bids put up");
    app->add_option("--attestation", options->attestation, "SHA-256 of one");
    app->add_option("--expires-in", options->expires_in, "seconds")->capture_default_str();
    app->callback([=, &session] { offer_time(session, *options); });
}

void add_order(CLI::App& gpu, Session& session, const std::shared_ptr<GpuOptions>& options)
{
    auto& message = options->order;
    auto is_raw = std::make_shared<bool>(false);
    auto* app =
        gpu.add_subcommand("order", "Ask for GPU time: for a job, or for the machine alone");
    app->footer(
        "The secret that draws the segments to be verified, and decoys, follow from your key and "
        "the\n"
        "order: nothing has to be kept. Whatever the escrow is not spent on returns.\n"
        "Example: millrace gpu order --model new.onnx --recipe recipe.json --data-root 0xROOT \\\n"
        "             --steps 10000 --segment 100 --samples 8 --report-fee 0.1 --class cpu \\\n"
        "             --max-rate 0.001 --escrow 5\n"
        "         millrace gpu order --raw --max-rate 0.001 --escrow 5");
    app->add_flag("--raw", *is_raw, "the machine alone: nothing is verified");
    app->add_option("--model", options->model, "file that is trained");
    app->add_option("--recipe", options->recipe, "file of the recipe");
    app->add_option("--data-root", options->data_root, "of the dataset");
    app->add_option("--board", message.board, "URL of the node where the parties meet");
    app->add_option("--seed", message.job.seed);
    app->add_option("--steps", message.job.total_steps, "of the whole job");
    app->add_option("--segment", message.job.segment_steps, "steps that are committed to at once");
    app->add_option("--samples", message.verify.samples, "segments executed again");
    app->add_option("--window", message.verify.window_s,
                    "seconds for the reports; 0: the network's");
    app->add_option("--report-fee", options->fee, "tokens for each report");
    app->add_option("--class", message.verify.arch_class, "of provider and verifiers");
    app->add_option("--decoys", message.verify.planted, "planted against lazy verifiers");
    app->add_option("--bond", options->bond, "least that a bid puts up");
    app->add_option("--need-device", message.need.model);
    app->add_option("--need-memory-mib", message.need.memory_mib);
    app->add_option("--need-count", message.need.count);
    app->add_option("--need-gflops", message.need.gflops);
    app->add_option("--need-bandwidth-mbs", message.need.bandwidth_mbs);
    app->add_option("--need-region", message.need.region);
    app->add_flag("--need-deterministic", message.need.deterministic);
    app->add_option("--image", options->image, "SHA-256 of the runtime that executes the job");
    app->add_option("--max-rate", options->rate, "tokens a second")->required();
    app->add_option("--escrow", options->escrow, "tokens: how much may be spent")->required();
    app->add_option("--notice", message.reclaim_s, "least seconds of notice by the provider");
    app->add_option("--expires-in", options->expires_in, "seconds")->capture_default_str();
    app->callback([=, &session] { order(session, *options, *is_raw); });
}

void add_bid(CLI::App& gpu, Session& session, const std::shared_ptr<GpuOptions>& options)
{
    auto* app = gpu.add_subcommand("bid", "Offer a machine for an order");
    app->footer("Example: millrace gpu bid 0xORDER --offer 0xOFFER --rate 0.0008 --bond 6");
    app->add_option("ORDER", options->id)->required();
    app->add_option("--offer", options->other, "of yours")->required();
    app->add_option("--rate", options->rate, "tokens a second")->required();
    app->add_option("--deposit", options->deposit,
                    "tokens: the tenant's if you never start; what the network asks for, or up to "
                    "twice that");
    app->add_option("--bond", options->bond, "tokens, for what verification finds");
    app->add_option("--start-in", options->start_in, "seconds")->capture_default_str();
    app->add_option("--notice", options->bid.reclaim_s, "seconds before you take the machine back");
    app->callback([=, &session] { bid(session, *options); });
}

void add_ends(CLI::App& gpu, Session& session, const std::shared_ptr<GpuOptions>& options)
{
    auto* accept = gpu.add_subcommand("accept", "Take a bid: makes the lease");
    accept->add_option("ORDER", options->id)->required();
    accept->add_option("BID", options->other)->required();
    accept->callback([=, &session] {
        session.transact(market::LeaseAccept{order_id_of(options->id),
                                             id_of<market::GpuBidId>(options->other, "bid")},
                         "accepted; the lease's id is this transaction's");
    });
    auto* cancel = gpu.add_subcommand("cancel", "Take back your offer, order or bid");
    cancel->add_option("WHAT", options->entry, "offer, order or bid")->required();
    cancel->add_option("ID", options->id)->required();
    cancel->callback([=, &session] {
        session.transact(
            market::GpuCancel{entry_of(options->entry), id_of<ledger::Hash>(options->id, "id")},
            "taken back");
    });
    auto* timeout = gpu.add_subcommand("timeout", "End what expired: an offer, an order, a lease");
    timeout->add_option("WHAT", options->entry, "offer, order or lease")->required();
    timeout->add_option("ID", options->id)->required();
    timeout->callback([=, &session] {
        session.transact(
            market::LeaseTimeout{entry_of(options->entry), id_of<ledger::Hash>(options->id, "id")},
            "ended");
    });
}

void add_lists(CLI::App& gpu, Session& session, const std::shared_ptr<GpuOptions>& options)
{
    const auto add = [&](const char* name, const char* help, const std::string& target,
                         std::vector<const char*> members) {
        auto* app = gpu.add_subcommand(name, help);
        app->add_flag("--all", options->all, "those that ended, too");
        app->callback([=, &session] {
            list_items(session, target + (options->all ? "&all=1" : ""), members);
        });
    };
    add("offers", "Machines that are let", "/v1/gpu/offers?limit=1000",
        {"provider", "rate", "device", "status"});
    add("orders", "What is asked for", "/v1/gpu/orders?limit=1000",
        {"tenant", "maxRate", "escrow", "bids", "status"});
    add("leases", "Leases of this network", "/v1/leases?limit=1000",
        {"tenant", "provider", "status", "paidS", "segments"});
    add("verifiers", "Who executes segments again", "/v1/verifiers?limit=1000",
        {"account", "archClass", "stake", "duties"});

    auto* one = gpu.add_subcommand("order-show", "An order, with the bids that wait");
    one->add_option("ORDER", options->id)->required();
    one->callback([=, &session] {
        show_item(session, "/v1/gpu/orders/" + ledger::to_hex0x(order_id_of(options->id).view()));
    });
    auto* duties = gpu.add_subcommand("duties", "Segments and juries that wait for this account");
    duties->callback([=, &session] {
        show_item(session,
                  "/v1/verifiers/" + ledger::to_checksum(session.account().address) + "/duties");
    });
}

}  // namespace

void add_gpu_commands(CLI::App& app, Session& session)
{
    auto* gpu = app.add_subcommand("gpu", "Let and rent GPU time, and verify what was computed");
    gpu->require_subcommand(1);
    gpu->footer("docs/leases.md tells the whole story.");
    auto options = std::make_shared<GpuOptions>();
    add_offer(*gpu, session, options);
    add_order(*gpu, session, options);
    add_bid(*gpu, session, options);
    add_ends(*gpu, session, options);
    add_lists(*gpu, session, options);
    add_lease_commands(*gpu, session);
    add_verifier_duties(*gpu, session);
    add_serve_command(*gpu, session);
    add_verify_command(*gpu, session);
}

}  // namespace wallet::cli
