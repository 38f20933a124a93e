#include "evaluation/statistics/measure.hpp"

namespace evaluation {

std::string_view name_of(Method method)
{
    switch (method) {
        case Method::none:
            return "none";
        case Method::clopper_pearson:
            return "clopper_pearson";
        case Method::overlap:
            return "overlap";
        case Method::smaller_group:
            return "smaller_group";
        case Method::student_t:
            return "student_t";
        case Method::delong:
            return "delong";
        case Method::delta:
            return "delta";
        case Method::newcombe:
            return "newcombe";
        case Method::bootstrap:
            return "bootstrap";
    }
    return {};
}

}  // namespace evaluation
