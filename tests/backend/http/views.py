"""Small views over a table that is always there, to try the manners of the API on."""

from typing import Any

import django_filters
from django.urls import include, path
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.renderers import StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.models import User
from backend.http import errors, etags
from backend.http.money import MoneySerializer
from backend.http.renderers import JSONRenderer
from backend.http.scopes import HasScope, IsMember, IsPerson
from backend.http.serializers import StrictSerializer, TextField
from backend.http.throttling import ScopedCallerThrottle


class ThingInput(StrictSerializer):
    name = serializers.CharField(max_length=50)
    text = TextField(required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    number = serializers.IntegerField(required=False)
    rate = MoneySerializer(required=False)
    made_at = serializers.DateTimeField(required=False)
    id = serializers.CharField(read_only=True)


class Echo(APIView):
    """Gives back what it understood."""

    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        thing = ThingInput(data=request.data)
        thing.is_valid(raise_exception=True)
        return Response(ThingInput(thing.validated_data).data)


class Raises(APIView):
    permission_classes = [AllowAny]
    error: Exception = Exception()

    def get(self, request: Request) -> Response:
        raise self.error


class Page(Raises):
    """Answers in HTML, when it answers."""

    renderer_classes = [StaticHTMLRenderer, JSONRenderer]
    error = errors.Gone("It is over.", code="over")


class UserOutput(serializers.ModelSerializer[User]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = User
        fields = ["id", "name", "date_joined"]


class UserFilters(django_filters.FilterSet):
    class Meta:
        model = User
        fields = ["name"]


class Users(etags.ETagMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[User]):
    permission_classes = [AllowAny]
    queryset = User.objects.all()
    serializer_class = UserOutput
    filterset_class = UserFilters
    ordering_fields = ("name", "date_joined")
    lookup_field = "uid"


class Scoped(APIView):
    permission_classes = [HasScope("posts:read", "posts:write")]

    def get(self, request: Request) -> Response:
        return Response({})

    post = delete = get


class ForPeople(Scoped):
    permission_classes = [IsPerson]


class ForMembers(Scoped):
    permission_classes = [IsMember]


class Forgotten(APIView):
    """Did not say who may."""

    def get(self, request: Request) -> Response:
        return Response({})


class Few(ScopedCallerThrottle):
    scope = "join_address"  # 5 an hour


class Limited(Scoped):
    permission_classes = [AllowAny]
    throttle_classes = [Few]


def raising(error: Exception) -> Any:
    return Raises.as_view(error=error)


urlpatterns = [
    path("api/v1/echo/", Echo.as_view()),
    path("api/v1/page/", Page.as_view()),
    path("api/v1/users/", Users.as_view({"get": "list"})),
    path("api/v1/users/<uuid:uid>/", Users.as_view({"get": "retrieve"})),
    path("api/v1/scoped/", Scoped.as_view()),
    path("api/v1/people/", ForPeople.as_view()),
    path("api/v1/members-only/", ForMembers.as_view()),
    path("api/v1/forgotten/", Forgotten.as_view()),
    path("api/v1/limited/", Limited.as_view()),
    path("api/v1/invalid/", raising(errors.InvalidInput("No.", code="odd", field="a.b"))),
    path("api/v1/not-allowed/", raising(errors.NotAllowed("No.", code="not_you"))),
    path("api/v1/missing/", raising(errors.NotFound("No.", code="no_such"))),
    path("api/v1/conflict/", raising(errors.Conflict("No.", code="done_before"))),
    path("api/v1/gone/", raising(errors.Gone("No.", code="over"))),
    path("api/v1/lost/", raising(errors.LostUpdate("No.", code="changed_meanwhile"))),
    path("api/v1/too-big-a-number/", raising(OverflowError("Python int too large to convert to SQLite INTEGER"))),
    path("api/v1/bug/", raising(RuntimeError("the inside"))),
    path("", include("backend.urls")),
]
handler404 = "backend.error_pages.not_found"
handler500 = "backend.error_pages.server_error"
