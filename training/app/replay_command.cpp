#include "ledger/base/hex.hpp"
#include "training/app/commands.hpp"
#include "training/app/prepare.hpp"
#include "training/files/whole_file.hpp"

#include <nlohmann/json.hpp>

namespace training {
namespace {

ledger::Result<void> go_to(Session& session, const ReplayOptions& options)
{
    if (!options.from.empty()) {
        // Only to be read: a sandbox lets nobody write there.
        const auto file = read_whole_file(options.from, CheckpointLimits{}.bytes);
        if (!file) return file.error();
        const auto checkpoint = decode_checkpoint(*file);
        if (!checkpoint) return checkpoint.error();
        if (checkpoint->threads != options.job.threads)
            return ledger::invalid(
                "the checkpoint is of a training with " + std::to_string(checkpoint->threads) +
                " threads: say --threads " + std::to_string(checkpoint->threads));
        if (auto done = session.restore(*checkpoint); !done) return done;
    }
    const auto end = session.step() + options.steps;
    while (session.step() < end && !session.is_finished()) {
        const auto taken = session.take_step();
        if (!taken) return taken.error();
        if (!session.measure_due()) continue;
        const auto measure = session.measure();
        if (!measure) return measure.error();
    }
    return {};
}

}  // namespace

int replay_command(const ReplayOptions& given, std::ostream& out, std::ostream& error)
{
    const auto expected = ledger::id_from_hex<ledger::Hash>(given.expect);
    if (!given.expect.empty() && !expected) {
        error << "millrace-trainer: --expect is not 64 hex digits\n";
        return wrong_usage;
    }
    if (auto done = confine(given.job, {given.from}, {given.out, given.model_out}, {}, error);
        !done)
        return fail(done.error(), error);
    auto options = given;
    if (auto job = with_job_file(given.job); job)
        options.job = std::move(*job);
    else
        return fail(job.error(), error);
    auto prepared = prepare(options.job);
    if (!prepared) return fail(prepared.error(), error);
    auto& session = *prepared->session;
    if (auto done = go_to(session, options); !done) return fail(done.error(), error);
    const auto reached = session.checkpoint();
    const auto commitment = commitment_to(reached);
    if (!options.out.empty()) {
        ledger::PosixDisk disk;
        const auto written = write_checkpoint(disk, options.out, reached);
        if (!written) return fail(written.error(), error);
    }
    const bool agrees = !expected || *expected == commitment;
    const auto text = ledger::to_hex0x(commitment.view());
    nlohmann::json said{{"step", session.step()}, {"commitment", text}};
    if (expected) said["agrees"] = agrees;
    // Nobody should come to use the model of a state that was not the one expected.
    if (!options.model_out.empty() && agrees) {
        const auto written = write_model(session, options.model_out);
        if (!written) return fail(written.error(), error);
        said["model"] = options.model_out;
        said["model_id"] = *written;
    }
    if (options.json) {
        out << said.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    } else {
        out << "step " << session.step() << "  " << text << '\n';
        if (said.contains("model"))
            out << options.model_out << " holds model " << said["model_id"].get<std::string>()
                << '\n';
    }
    if (!agrees) error << "millrace-trainer: another commitment was expected\n";
    return agrees ? all_good : refused;
}

}  // namespace training
