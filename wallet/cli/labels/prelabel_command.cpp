#include "evaluation/labelling/queue.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/sha256.hpp"
#include "ledger/disk/folder_lock.hpp"
#include "wallet/cli/labels/label_orders.hpp"
#include "wallet/cli/labels/prelabel_report.hpp"
#include "wallet/cli/payments.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/sealed/find_items.hpp"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t item_bytes = 64 << 20;
/// A teacher that answers nothing of use so often, one time after the other, is not asked on.
constexpr unsigned most_useless = 8;
/// An item of which a teacher has been asked so often without an answer is for people.
constexpr unsigned most_tries = 3;

struct PrelabelOptions {
    std::vector<std::string> paths, models;
    std::string classes, out, budget, most = "1", pay = "channel";
    std::vector<std::string> verified;
    std::uint64_t sample = 0;
    InputOptions reading;
    evaluation::CertificateRules rules;
};

std::vector<inference::Tensor> tensors_of(const FoundItem& item, ledger::ByteView file,
                                          const Teacher& teacher, const InputOptions& reading)
{
    auto tensors = tensors_from(file, teacher.io, reading);
    if (!tensors)
        fail(Fault::usage,
             item.name + " is nothing that " + teacher.name + " takes: " + tensors.error().detail);
    return std::move(*tensors);
}

std::vector<float> features_in(const std::vector<inference::Tensor>& tensors)
{
    if (tensors.size() != 1 || tensors[0].type != inference::DataType::FP32) return {};
    std::vector<float> input(tensors[0].data.size() / sizeof(float));
    std::memcpy(input.data(), tensors[0].data.data(), input.size() * sizeof(float));
    return features_of(input);
}

/// All files, hashed and looked at before anything is paid: each must be one that each teacher
/// takes.
std::vector<PoolItem> look_at(const std::vector<FoundItem>& files, const PrelabelRun& run,
                              const InputOptions& reading)
{
    std::vector<PoolItem> pool(files.size());
    ProgressBar bar{"reading", files.size(), ProgressBar::Counted::samples};
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto file = read_input(files[i].file.string(), item_bytes);
        pool[i].name = files[i].name;
        pool[i].hash = ledger::sha256(file);
        for (std::size_t t = 0; t < run.teachers.size(); ++t) {
            const auto tensors = tensors_of(files[i], file, run.teachers[t], reading);
            if (t == 0) pool[i].features = features_in(tensors);
        }
        bar.at(i + 1);
    }
    return pool;
}

/// Asks the teachers what they have not said before.
class Asking {
public:
    Asking(const Session& session, const PrelabelOptions& options, const PrelabelRun& run,
           TeacherAnswers& answers)
        : session_{session}, options_{options}, run_{run}, answers_{answers}
    {
        terms_.most = amount_of(options.most, "--max-price");
        terms_.pay = scheme_of(options.pay);
        if (!options.budget.empty()) budget_ = amount_of(options.budget, "--budget");
        std::set<std::pair<ledger::Hash, std::string>> missing;
        for (const auto& item : run.pool)
            for (const auto& teacher : run.teachers)
                if (!answers.find(item.hash, teacher.key)) missing.emplace(item.hash, teacher.key);
        calls_ = missing.size();
    }

    void confirm() const
    {
        const auto bound = terms_.most.times(calls_);
        std::string most = bound ? tokens(*bound) : "all money";
        if (budget_) {
            const auto left = budget_->minus(answers_.charged()).value_or(ledger::Amount{});
            if (!bound || left < *bound) most = tokens(left);
        }
        session_.confirm(std::to_string(calls_) + " calls, for at most " + most +
                         "? What was answered before is not asked again. A certificate needs "
                         "people to label " +
                         std::to_string(run_.plan.each) + " items of each of " +
                         std::to_string(run_.classes.size()) + " classes.");
    }

    void ask_all(const std::vector<FoundItem>& files)
    {
        if (calls_ == 0) return;
        key_.emplace(session_.unlock(session_.account()));
        client_.emplace(make_paid_client(session_, *key_));
        ProgressBar bar{"asking", calls_, ProgressBar::Counted::samples};
        std::uint64_t done = 0;
        for (std::size_t i = 0; i < files.size(); ++i)
            for (const auto& teacher : run_.teachers) {
                if (answers_.find(run_.pool[i].hash, teacher.key)) continue;
                ask_of(files[i], run_.pool[i].hash, teacher);
                bar.at(++done);
            }
    }

private:
    void ask_of(const FoundItem& item, const ledger::Hash& hash, const Teacher& teacher)
    {
        if (answers_.tries(hash, teacher.key) >= most_tries) {
            session_.note(teacher.name + " has never answered about " + item.name +
                          ": it is for people");
            return answers_.give_up(hash, teacher.key, teacher.name);
        }
        const auto then = answers_.charged().plus(terms_.most);
        if (budget_ && (!then || *budget_ < *then))
            fail(Fault::refused,
                 "the next call could go beyond --budget: " + tokens(answers_.charged()) +
                     " were paid so far, or may have been; a greater one goes on from here");
        const auto file = read_input(item.file.string(), item_bytes);
        if (ledger::sha256(file) != hash)
            fail(Fault::failed, item.name + " changed while the models were asked; begin again");
        const auto tensors = tensors_of(item, file, teacher, options_.reading);
        auto terms = terms_;
        if (budget_) terms.most_deposit = budget_->minus(answers_.charged());
        answers_.begin(hash, teacher.key);
        // One call pays once, however often it sends that: what is signed again is the same, or in
        // place of what the host did not take.
        terms.before_paying = [&, is_paid = false]() mutable {
            if (!std::exchange(is_paid, true)) answers_.pay(hash, teacher.key, terms_.most);
        };
        auto answer = ask(teacher, tensors, run_.classes.size(), *client_, terms);
        const bool is_useless = answer.probabilities.empty();
        answers_.add(hash, teacher.key, std::move(answer));
        auto& useless = useless_[teacher.key];
        useless = is_useless ? useless + 1 : 0;
        if (!is_useless) return;
        session_.note(teacher.name + " says nothing of use of " + item.name + ": it is for people");
        if (useless == most_useless)
            fail(Fault::failed, teacher.name + " answers without " +
                                    std::to_string(run_.classes.size()) +
                                    " scores again and again: it is not paid for more of that");
    }

    const Session& session_;
    const PrelabelOptions& options_;
    const PrelabelRun& run_;
    TeacherAnswers& answers_;
    PaymentTerms terms_;
    std::optional<ledger::Amount> budget_;
    std::size_t calls_ = 0;
    std::map<std::string, unsigned> useless_;  ///< of each teacher, one after the other
    std::optional<ledger::SecretKey> key_;
    std::optional<PaidClient> client_;
};

/// A teacher that said nothing of use knows nothing: all classes are as likely.
void take_answers(PrelabelRun& run, const TeacherAnswers& answers)
{
    const auto classes = run.classes.size();
    for (auto& item : run.pool) {
        for (const auto& teacher : run.teachers) {
            auto said = answers.find(item.hash, teacher.key)->probabilities;
            if (said.empty()) said.assign(classes, 1 / static_cast<double>(classes));
            item.probabilities.insert(item.probabilities.end(), said.begin(), said.end());
        }
        judge(item, classes);
    }
}

/// What people said of the items, of all tables together.
std::vector<Label> verified_labels(const PrelabelOptions& options, const PrelabelRun& run)
{
    std::vector<std::string> names;
    for (const auto& item : run.pool) names.push_back(item.name);
    std::vector<Label> all(run.pool.size());
    for (const auto& file : options.verified) {
        const auto table = read_input(file, label_table_bytes);
        for (const auto* by_models : {"probability", "source"})
            if (must(has_column(table, by_models)))
                fail(Fault::usage, file + " is what models say: --verified wants people");
        const auto said =
            must(read_labels(table, run.classes, run.pool.size(), names, Numbers::refused));
        for (std::size_t i = 0; i < said.size(); ++i) {
            if (said[i].label == market::no_label) continue;
            if (all[i].label != market::no_label && all[i].label != said[i].label)
                fail(Fault::usage, "two tables say otherwise of " + run.pool[i].name);
            all[i] = said[i];
        }
    }
    return all;
}

/// What a sample of this folder would be, were it drawn now.
SamplePlan fresh_plan(const Session& session, const PrelabelOptions& options,
                      const PrelabelRun& run)
{
    SamplePlan plan;
    session.random().fill(plan.seed.bytes);
    const auto least = evaluation::least_verified(run.rules);
    plan.each = options.sample == 0 ? 2 * least : options.sample;
    if (plan.each < least)
        fail(Fault::usage, "a sample of less than " + std::to_string(least) +
                               " items of a class certifies nothing by this --epsilon and --level");
    for (const auto& teacher : run.teachers) plan.teachers.push_back(teacher.key);
    for (std::size_t i = 0; i < run.pool.size(); ++i)
        if (run.people[i].label != market::no_label) plan.known.insert(run.pool[i].hash);
    return plan;
}

void check_size(std::size_t items, const PrelabelRun& run)
{
    const evaluation::Unlabelled of{items, run.teachers.size(), run.classes.size(), 0, {}};
    if (!evaluation::fits(of, items))
        fail(Fault::usage, "these are more items, models and classes than fit: take them in parts");
}

void show(const Session& session, const PrelabelRun& run, const Prelabelled& made,
          const std::string& to_verify)
{
    auto document = certificate_json(run, made);
    document["chargedNow"] = ledger::codec::to_json(run.charged_now);
    document["folder"] = run.out.string();
    if (!to_verify.empty()) document["toVerify"] = to_verify;
    session.show(document, [&] {
        std::cout << "items      " << run.pool.size() << "\nverified   " << made.counted.size()
                  << " of the sample, by people\n";
        for (std::size_t c = 0; c < run.classes.size(); ++c)
            std::cout << "           " << run.classes[c] << ": " << class_text(run, made, c)
                      << "\n";
        std::cout << "labelled   " << made.automatic.size() << " in auto.csv\nfor people "
                  << made.queue.size()
                  << " in queue.csv, those first of which most is learned\npaid       "
                  << tokens(run.charged_now) << " now, " << tokens(run.charged) << " in all\n";
        if (!to_verify.empty())
            std::cout << "next       have people label the items of " << to_verify
                      << ", and say --verified\n";
    });
}

void prelabel(const Session& session, const PrelabelOptions& options)
{
    PrelabelRun run;
    run.classes = classes_in(options.classes);
    if (run.classes.size() < 2)
        fail(Fault::usage, "--classes names two or more, divided by commas");
    run.rules = options.rules;
    run.out = options.out;
    run.teachers = teachers_of(session, options.models, run.classes.size(), options.reading);
    const auto files = must(find_items({options.paths.begin(), options.paths.end()}));
    check_size(files.size(), run);
    run.pool = look_at(files, run, options.reading);
    run.people = verified_labels(options, run);

    make_folder(run.out);
    const auto lock = must(ledger::FolderLock::take(run.out));
    run.plan = plan_of(run.out, fresh_plan(session, options, run), options.sample);
    for (auto& item : run.pool) item.is_known = run.plan.known.contains(item.hash);
    ledger::PosixDisk disk;
    TeacherAnswers answers{disk, (run.out / "answers.jsonl").string(), run.classes.size()};
    const auto before = answers.charged();
    Asking asking{session, options, run, answers};
    asking.confirm();
    asking.ask_all(files);
    take_answers(run, answers);
    run.charged = answers.charged();
    run.charged_now = run.charged - before;

    run.sample = sample_of(run.pool, run.classes.size(), run.plan.each, run.plan.seed);
    const auto made =
        wallet::prelabel(run.pool, run.people, run.sample, run.teachers.size(), run.rules);
    write_results(run, made);
    show(session, run, made, ask_people(run));
}

}  // namespace

void add_prelabel_command(CLI::App& annotate, Session& session)
{
    auto options = std::make_shared<PrelabelOptions>();
    auto* app = annotate.add_subcommand(
        "prelabel", "Let models label what they are sure of, with a certificate");
    app->footer(
        "Each file is one item, as for `millrace infer`; each model is paid for each. Of each "
        "class\n"
        "it finds the confidence from which on at most --epsilon of the answers are wrong, by a\n"
        "sample that people label without knowing what the models say: verify.csv names it, drawn\n"
        "by chance once for the folder, and it counts when all of a class is labelled. What is\n"
        "below that confidence is in queue.csv, for `annotate order --only`. answers.jsonl keeps\n"
        "what was answered: the same command goes on, and asks nothing twice. A model that learnt\n"
        "from these labels wants a folder of its own, and --verified with its first run.\n"
        "Example: millrace data annotate prelabel photos --model leaves --classes healthy,rust \\\n"
        "           --verified labels/verify.csv --out labels");
    app->add_option("PATH", options->paths, "files and folders")->required();
    app->add_option("--model", options->models, "NAME or NAME/VERSION at the node; may be repeated")
        ->required();
    app->add_option("--classes", options->classes, "names, in the order of the model's scores")
        ->required();
    app->add_option("--out", options->out, "folder to write into, and to go on from")->required();
    app->add_option("--verified", options->verified,
                    "CSV with item and label, by people; may be repeated");
    app->add_option("--sample", options->sample,
                    "items of each class that people label; twice the least without");
    app->add_option("--epsilon", options->rules.epsilon, "share of wrong labels that is borne")
        ->check(CLI::Range(1e-6, 0.5))
        ->capture_default_str();
    app->add_option("--level", options->rules.level, "certainty of that, for each class")
        ->check(CLI::Range(0.5, 0.999999))
        ->capture_default_str();
    app->add_option("--input-name", options->reading.name, "which input, where there are several");
    app->add_flag("--invert", options->reading.invert, "pictures: black becomes white");
    app->add_option("--max-price", options->most, "tokens for one call")->capture_default_str();
    app->add_option("--budget", options->budget, "tokens for all calls, earlier ones included");
    app->add_option("--pay", options->pay, "channel, chain or exact")
        ->check(CLI::IsMember({"channel", "chain", "exact"}))
        ->capture_default_str();
    app->callback([=, &session] { prelabel(session, *options); });
}

}  // namespace wallet::cli
