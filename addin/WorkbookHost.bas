Attribute VB_Name = "CrmXlHost"
Option Explicit
Option Private Module
' What differs between the add-in and a workbook that carries its functions itself: this one is the workbook's.

Public Function CrmShowsTab() As Boolean
    ' The add-in shows the same tab: one of them is enough.
    Dim addin As Workbook
    On Error Resume Next
    Set addin = Workbooks("crm_xl.xlam")
    CrmShowsTab = addin Is Nothing
End Function
