#include "wallet/cli/labels/teachers.hpp"

#include "evaluation/metrics/class_answer.hpp"
#include "wallet/cli/long_run.hpp"
#include "wallet/cli/model_calls.hpp"
#include "wallet/cli/model_metadata.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace wallet::cli {
namespace {

/// "NAME/VERSION", or the only version that the node has.
std::pair<std::string, std::string> version_of(const Session& session, const std::string& model)
{
    if (const auto slash = model.rfind('/'); slash != std::string::npos) {
        if (slash == 0 || slash + 1 == model.size())
            fail(Fault::usage, "--model is NAME or NAME/VERSION, not " + model);
        return {model.substr(0, slash), model.substr(slash + 1)};
    }
    const auto about = must(session.client().get(model_path(model, "")));
    std::vector<std::string> versions;
    if (about.contains("versions") && about["versions"].is_array())
        for (const auto& version : about["versions"])
            if (version.is_string()) versions.push_back(version.get<std::string>());
    if (versions.size() == 1) return {model, versions.front()};
    std::string all;
    for (const auto& version : versions) all += (all.empty() ? "" : ", ") + plain(version);
    fail(Fault::usage, model + " has " + (versions.empty() ? "no version" : "the versions " + all) +
                           ": name one, as " + model + "/VERSION");
}

/// Whether a row of it, which is one item, can be so many numbers. -1 is any size.
bool may_be_scores(const inference::TensorSpec& output, std::size_t classes)
{
    using inference::DataType;
    if (output.datatype != DataType::FP32 && output.datatype != DataType::FP64) return false;
    const auto rows = output.shape.size() < 2 ? 0u : 1u;
    std::uint64_t numbers = 1;
    bool is_open = false;
    for (std::size_t i = rows; i < output.shape.size(); ++i) {
        const auto size = output.shape[i];
        is_open = is_open || size < 0;
        if (size >= 0) numbers *= static_cast<std::uint64_t>(size);
        if (numbers == 0 || numbers > classes) return false;
    }
    return is_open ? classes % numbers == 0 : numbers == classes;
}

/// Probabilities as they are; anything else is taken for logits.
std::vector<double> probabilities_of(std::vector<double> scores)
{
    if (evaluation::are_probabilities(scores)) return scores;
    const auto greatest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (auto& score : scores) sum += score = std::exp(score - greatest);
    for (auto& score : scores) score /= sum;
    return scores;
}

}  // namespace

std::vector<Teacher> teachers_of(const Session& session, const std::vector<std::string>& models,
                                 std::size_t classes, const InputOptions& reading)
{
    std::vector<Teacher> teachers;
    std::set<std::string> named;
    for (const auto& model : models) {
        const auto [name, version] = version_of(session, model);
        Teacher teacher{name + "/" + version, model_path(name, version), {}, {}};
        if (!named.insert(teacher.name).second)
            fail(Fault::usage, teacher.name + " is named twice");
        teacher.key = session.client().http().url().origin() + teacher.path +
                      "?input=" + reading.name + (reading.invert ? "&invert" : "");
        teacher.io = io_of(must(session.client().get(teacher.path)));
        if (std::none_of(teacher.io.outputs.begin(), teacher.io.outputs.end(),
                         [&](const auto& output) { return may_be_scores(output, classes); }))
            fail(Fault::usage, "no output of " + teacher.name + " is a score for each of the " +
                                   std::to_string(classes) + " that --classes names");
        teachers.push_back(std::move(teacher));
    }
    return teachers;
}

TeacherAnswers::Answer ask(const Teacher& teacher, const std::vector<inference::Tensor>& item,
                           std::size_t classes, const PaidClient& client, const PaymentTerms& terms)
{
    const auto paid =
        must(client.call(infer_request(teacher.path, item, inference::Encoding::binary), terms));
    TeacherAnswers::Answer answer{{}, teacher.name, paid.charged};
    try {
        auto scores = class_scores(infer_answer(paid.reply));
        const bool is_one =
            scores.size() == classes &&
            std::all_of(scores.begin(), scores.end(), [](double x) { return std::isfinite(x); });
        if (is_one) answer.probabilities = probabilities_of(std::move(scores));
    } catch (const Failure&) {
        // Paid for and of no use, which its empty probabilities say.
    }
    return answer;
}

}  // namespace wallet::cli
