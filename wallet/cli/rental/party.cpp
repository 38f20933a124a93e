#include "wallet/cli/rental/party.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <thread>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_answer = 1 << 20;

}  // namespace

Party party_of(const Session& session)
{
    if (session.settings.wait == 0)
        fail(Fault::usage, "this command has to know what became of what it sends: no --wait 0");
    session.network();
    auto account = session.account();
    auto key = session.unlock(account);
    return {session, std::move(account), std::move(key)};
}

rental::Meeting meet(const Party& party, const market::GpuOrderId& id,
                     const market::GpuOrder& order)
{
    if (order.board.empty()) fail(Fault::refused, "the order names no board where to meet");
    const HttpTrust trust{party.session.settings.authorities};
    rental::Board board{
        must(parse_url(order.board)), trust, party.session.network(), id, party.key.clone(),
        [] { return now_ms().value; }};
    return {std::move(board), trust, rental::box_key(party.key)};
}

bool try_send(const Party& party, const market::Message& message, Rehearsal rehearsal)
{
    try {
        party.session.send(message, party.account, party.key, rehearsal);
        return true;
    } catch (const Failure& failure) {
        if (failure.fault == Fault::refused || failure.fault == Fault::timeout) return false;
        throw;
    }
}

void try_settle(const Party& party, const market::LeaseId& id)
{
    // What draws a jury is the id of the block that called it, which only the next block knows:
    // where nobody else sends anything this has to make it, and a rehearsal cannot tell.
    const auto dispute = party.session.record<market::LeaseDispute>(id);
    try_send(party, market::LeaseSettle{id},
             dispute && !dispute->drawn ? Rehearsal::no : Rehearsal::yes);
}

market::GpuOrderRecord order_record(const Session& session, const market::GpuOrderId& id)
{
    auto record = session.record<market::GpuOrderRecord>(id);
    if (!record) fail(Fault::not_found, "there is no order " + ledger::to_hex0x(id.view()));
    return std::move(*record);
}

void add_work_options(CLI::App& app, WorkOptions& options)
{
    app.add_option("--work", options.folder,
                   "folder for states and files of jobs (in the home, when left out); what is "
                   "there is gone on with");
    app.add_option("--trainer", options.trainer,
                   "the program millrace-trainer, where it is neither beside this one nor in PATH");
    app.add_option("--most-bytes", options.most_bytes, "that the batches of one job may have")
        ->capture_default_str();
    app.add_option("--memory", options.memory_mib, "MiB that all tensors of a job may hold")
        ->capture_default_str();
}

void prepare(WorkOptions& options)
{
    must(make_private_folder(options.folder));
    options.folder = fs::absolute(options.folder);
    options.lock = must(ledger::FolderLock::take(options.folder.string()));
    if (options.trainer.empty()) options.trainer = rental::program_beside("millrace-trainer");
    if (options.trainer.empty())
        fail(Fault::not_found,
             "millrace-trainer is neither beside this program nor in PATH: name "
             "it with --trainer");
    if (!fs::is_regular_file(options.trainer))
        fail(Fault::not_found, options.trainer.string() + " is no program");
}

fs::path folder_of(const WorkOptions& options, const market::GpuOrderId& order)
{
    return options.folder / ledger::to_hex(order.view());
}

FoundItem item_of(const fs::path& file, std::string name)
{
    return {file, std::move(name), fs::file_size(file)};
}

BatchFolder seal_once(const Party& party, std::vector<FoundItem> items,
                      const ledger::X25519PublicKey& to, const fs::path& folder)
{
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) {
        std::uint64_t bytes = 0;
        for (const auto& item : items) bytes += item.size;
        ProgressBar bar{"sealing", bytes};
        SealRequest request;
        request.items = std::move(items);
        request.dataset = rental::lease_dataset();
        request.masters = {to};
        request.folder = folder;
        must(seal_items(request, party.session.random(), bar.teller()));
    }
    return must(BatchFolder::open(folder));
}

std::unique_ptr<rental::Worker> start_trainer(const WorkOptions& options, rental::OpenJob& job,
                                              const std::string& command,
                                              std::vector<std::string> words,
                                              const fs::path& folder, const std::string& name)
{
    std::vector<std::string> all{command,    job.model.string(),
                                 "--job",    job.job.string(),
                                 "--data",   "-",
                                 "--memory", std::to_string(options.memory_mib),
                                 "--sandbox"};
    all.insert(all.end(), std::make_move_iterator(words.begin()),
               std::make_move_iterator(words.end()));
    rental::Worker::Options worker;
    worker.program = options.trainer;
    worker.arguments = std::move(all);
    worker.output = folder / (name + ".out");
    worker.errors = folder / (name + ".err");
    worker.most_file_bytes = options.most_bytes;
    worker.input = job.pourer();
    return must(rental::Worker::start(std::move(worker)));
}

ledger::Hash replay(const WorkOptions& options, rental::OpenJob& job, const Replay& what,
                    const fs::path& folder)
{
    // By one worker, whatever a state says that somebody else has made.
    std::vector<std::string> words{"--take", std::to_string(what.steps), "--workers", "1",
                                   "--json"};
    if (!what.from.empty()) words.insert(words.end(), {"--from", what.from.string()});
    if (!what.model_out.empty())
        words.insert(words.end(), {"--model-out", what.model_out.string()});
    const auto worker = start_trainer(options, job, "replay", std::move(words), folder, "replay");
    while (!worker->ended()) {
        if (is_asked_to_end()) {
            worker->stop(std::chrono::seconds{5});
            fail(Fault::timeout, "interrupted");
        }
        if (what.end_ms != 0 && now_ms().value >= what.end_ms)
            fail(Fault::refused, "the trainer took longer than there is time for");
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    if (worker->wait() != 0)
        fail(Fault::usage, "the trainer ended with status " + std::to_string(worker->wait()) +
                               ": " + plain(rental::tail_of(folder / "replay.err")));
    const auto text = read_input((folder / "replay.out").string(), most_answer);
    const auto said = ledger::codec::parse_json(ledger::as_text(text));
    const auto commitment =
        said && said->is_object()
            ? ledger::id_from_hex<ledger::Hash>(said->value("commitment", std::string{}))
            : std::nullopt;
    if (!commitment) fail(Fault::failed, "the trainer says no commitment");
    return *commitment;
}

}  // namespace wallet::cli
